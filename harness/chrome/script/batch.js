async (described, atATime) => {
  // Makes the requests, so many at a time, and tells what each came to. Timing is
  // not waited for where it may never come. Both sides pass JSON in strings: DevTools
  // takes longer over objects than the requests need.
  const specs = JSON.parse(described);
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < specs.length) {
      const i = next++;
      results[i] = await crosscheckRequest({...specs[i], hasty: true});
    }
  };
  await Promise.all(Array.from({length: atATime}, lane));
  return JSON.stringify(results);
}
