// Lets each request say which options the app's cors package has for it: what is in the header replaces an option of
// the app's own code, and null leaves it out. Loaded before the app, whose code stays as it is.
import Module, { createRequire } from "node:module";

const header = "x-crosscheck-cors-options";
const require = createRequire(process.cwd() + "/server.js");
const path = require.resolve("cors");
const cors = require(path);

// A module of its own: what import gives of one that was required already is what it exported then.
const changeable = new Module(path);
changeable.filename = path;
changeable.loaded = true;
require.cache[path] = changeable;

changeable.exports = (options) => {
  const declared = cors(options);
  // cors() without options has none that could be changed.
  if (options === undefined) return declared;
  return (req, res, next) => {
    const text = req.headers[header];
    if (text === undefined) return declared(req, res, next);
    delete req.headers[header];
    const changed = { ...options, ...JSON.parse(text) };
    for (const name of Object.keys(changed)) {
      if (changed[name] === null) delete changed[name];
    }
    return cors(changed)(req, res, next);
  };
};
