// Makes the requests, which are for different resources, so many at a time, and tells what each came to.
// Both sides pass JSON in strings: DevTools takes longer over objects than the requests need.
async function batch(described, atATime) {
  const specs = JSON.parse(described);
  const timings = new Timings(specs);
  const results = [];
  let next = 0;
  const lane = async () => {
    while (next < specs.length) {
      const i = next++;
      results[i] = await request(specs[i]);
    }
  };
  await Promise.all(Array.from({length: atATime}, lane));
  await timings.tell(results);
  return JSON.stringify(results);
}
