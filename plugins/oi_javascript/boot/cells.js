// Boot text, part 5: cells, run by V8's REPL mode, which awaits at the top level and lets declarations be made again.
const PENDING = "timers or requests are pending; what they print later is shown to the user only";
const stopped = [];
let folder = "";

// What is still to come: not servers and their connections, nor watchers, which stay.
function alive() {
  const kinds = process.getActiveResourcesInfo?.() ?? [], stays = /Server|FSEvent|Watcher/;
  const serves = kinds.some((kind) => stays.test(kind));
  return kinds.filter((kind) => !stays.test(kind) && !(serves && /Socket/.test(kind))).length;
}

function post(method, parameters) {
  let answer;
  session.post(method, parameters, (error, given) => (answer = given));
  return answer; // of what answers at once
}

function local({ objectId, value, unserializableValue }) {
  const given = objectId ? { objectId } : unserializableValue ? { unserializableValue } : { value };
  const functionDeclaration = "function (value) { this.value = value }";
  post("Runtime.callFunctionOn", { objectId: holder, functionDeclaration, arguments: [given] });
  return load.value;
}

function evaluate(code, mine) {
  let done;
  const answered = new Promise((resolve) => (done = resolve));
  const expression = `${code}\n//# sourceURL=<cell-${mine.id}>`;
  const options = { expression, replMode: true, awaitPromise: true, objectGroup: "cell" };
  // The first promise is that of the cell. V8 tells the inspector when one is collected that can never end, and in the
  // midst of a collection node cannot take that: of a cell that is stopped, it is kept.
  const watching = promiseHooks?.onInit((promise) => watching((mine.promise = promise)));
  session.post("Runtime.evaluate", options, (error, answer) => error || done(answer)); // an error: it was stopped
  return answered;
}

async function run(id, code) {
  const mine = (cell = { id, faults: faultsOfPrograms(), intervals: [] });
  listen(false);
  prepare();
  const before = alive();
  emit("s", id);
  const { result, exceptionDetails: details } = await evaluate(rewrite(code), mine);
  try {
    const value = local(details ? details.exception : result);
    if (details) complain(value, mine, details, code);
    else await show(util.types.isPromise(value) ? load.step(value) : value);
  } catch (error) {
    complain(error, mine);
  }
  await settled(mine, before);
  finish(mine, mine.failed ? "error" : "ok", "", alive() > before ? PENDING : "");
}

// Calls that are made for their effect return timers, servers, streams and the like; these are not shown.
async function show(given) {
  const value = await given, isRunning = value instanceof EventEmitter || typeof value?.unref === "function";
  if (value !== undefined && !isRunning) process.stdout.write(`${util.inspect(value)}\n`);
}

// What code leaves to callbacks belongs to it for a moment; a question, until it is answered.
async function settled(mine, before) {
  await new Promise(setImmediate);
  const end = Date.now() + 1000;
  while (cell === mine && (asking || (alive() > before && Date.now() < end)))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

function finish(mine, word, status = "", note = "") {
  if (cell !== mine || !mine.id) return;
  if ((mine.stopped ||= word !== "ok")) stopped.push(mine.promise);
  if (word === "interrupt") mine.intervals.forEach(clearInterval);
  asking?.destroy();
  [cell, asking, load.value] = [{}, null, undefined];
  post("Runtime.releaseObjectGroup", { objectGroup: "cell" });
  restore();
  if (faultsOfPrograms() !== mine.faults) load.heal(); // what a program left of the terminal's settings
  listen(true);
  emit("z", mine.id, word, status, pack(note));
}

// Of an error's stack, the frames of this text and of node itself are left out.
Error.prepareStackTrace = (error, frames) => {
  const own = frames.filter((frame) => !/^(node:|\[eval)/.test(frame.getFileName() ?? ""));
  return [Error.prototype.toString.call(error), ...own].join("\n    at ");
};

function complain(error, mine = cell, { lineNumber, columnNumber } = {}, code = "") {
  let text = "an error that cannot be shown";
  try {
    text = util.inspect(error);
  } catch {}
  const line = code.split("\n")[lineNumber];
  if (line !== undefined && error instanceof SyntaxError && !/\n +at /.test(text))
    text = `${text}\n    at <cell-${mine.id}>:${lineNumber + 1}\n\n${line}\n${" ".repeat(columnNumber)}^`;
  mine.failed = true;
  process.stderr.write(`Uncaught ${text}\n`);
}

// The surroundings of a cell.
// The page faults of the programs that were started, which tell whether any was.
function faultsOfPrograms() {
  try {
    return readFileSync("/proc/self/stat", "latin1").split(") ").pop().split(" ")[8];
  } catch {
    return "";
  }
}

function prepare() {
  if (folder === process.cwd()) return;
  folder = process.cwd();
  const filename = path.join(folder, "cell.js");
  globalThis.module = Object.assign(new Module(filename), { filename, paths: Module._nodeModulePaths(folder) });
  globalThis.exports = module.exports;
  globalThis.require = Object.assign(Module.createRequire(filename), { main: module });
  load.meta = { url: pathToFileURL(filename).href, filename, dirname: folder };
  process.argv[1] = globalThis.__filename = filename;
  globalThis.__dirname = folder;
}

function printError(data, ...rest) {
  const bytes = typeof data === "string" ? Buffer.from(data, typeof rest[0] === "string" ? rest[0] : "utf8") : data;
  const marked = Buffer.concat([Buffer.from(marker("e")), bytes, Buffer.from(marker("o"))]);
  return tty.WriteStream.prototype.write.call(this, marked, rest.find((given) => typeof given === "function"));
}

function restore() {
  for (const [fd, name] of [[1, "stdout"], [2, "stderr"]]) {
    if (process[name].writableEnded || process[name].destroyed) {
      Object.defineProperty(process, name, { configurable: true, enumerable: true, value: new tty.WriteStream(fd) });
      console[`_${name}`] = process[name];
    }
    process[name].getColorDepth = () => 1; // console.log shows values without colours
    delete process[name].write;
  }
  process.stderr.write = printError;
}

prepareToStop();
session.connect();
const holder = post("Runtime.evaluate", { expression: "__import" }).result.objectId;
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error) => complain(error) ?? finish(cell, "error"));
for (const name of ["PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"]) process.env[name] = "cat";
Object.assign(process.env, { GIT_TERMINAL_PROMPT: "0", DEBIAN_FRONTEND: "noninteractive" });
process.execArgv = [];
setInterval(() => {}, 2 ** 30); // a loop with nothing to do would end the process
restore();
listen(true);
emit("h", process.pid);
rewrite("");
