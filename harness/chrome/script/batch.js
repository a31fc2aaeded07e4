async (specs, atATime) => {
  // Makes the requests, so many at a time, and tells what each came to. Timing is
  // not waited for where it may never come.
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < specs.length) {
      const i = next++;
      results[i] = await crosscheckRequest({...specs[i], hasty: true});
    }
  };
  await Promise.all(Array.from({length: atATime}, lane));
  return results;
}
