// Script learns nothing of a beacon but that it was taken; Resource Timing tells when it has ended.
async function withBeacon(spec) {
  let taken;
  try {
    taken = navigator.sendBeacon(spec.url, bodyOf(spec));
  } catch (error) {
    return apiError(error, spec);
  }
  return taken ? event(true, spec) : {...networkError};
}
