async function withEventSource(spec) {
  let source;
  try {
    source = new EventSource(spec.url, {withCredentials: spec.initiator === "eventsource-with-credentials"});
  } catch (error) {
    return apiError(error, spec);
  }
  const {type} = await new Promise((resolve) => { source.onopen = source.onerror = resolve; });
  // Else it connects again and again.
  source.close();
  return event(type === "open", spec);
}
