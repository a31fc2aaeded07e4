async (specs, atATime) => {
  // Makes the requests, so many at a time, and tells what each came to.
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < specs.length) {
      const i = next++;
      results[i] = await crosscheckRequest(specs[i]);
    }
  };
  await Promise.all(Array.from({length: atATime}, lane));
  return results;
}
