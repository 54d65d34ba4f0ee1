// Part 5: the beginning and the end of a cell, and what is put in order between two.
const PENDING = "timers or requests are pending; what they print later is shown to the user only";

// What is still to come: not servers and their connections, nor watchers, which stay.
function alive() {
  const kinds = process.getActiveResourcesInfo?.() ?? [], stays = /Server|FSEvent|Watcher/;
  const serves = kinds.some((kind) => stays.test(kind));
  return kinds.filter((kind) => !stays.test(kind) && !(serves && /Socket/.test(kind))).length;
}

async function begin(id, code) {
  const mine = (cell = { id, faults: faultsOfPrograms(), intervals: [], note: "" });
  listen(false);
  const before = alive();
  emit("s", id);
  try {
    await language.run(code, mine);
  } catch (error) {
    complain(error, mine);
  }
  await settled(mine, before);
  finish(mine, mine.failed ? "error" : "ok", "", mine.note || (alive() > before ? PENDING : ""));
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
  mine.stopped ||= word !== "ok";
  if (word === "interrupt") mine.intervals.forEach(clearInterval);
  asking?.destroy();
  [cell, asking] = [{}, null];
  restore();
  if (word === "interrupt" || faultsOfPrograms() !== mine.faults) heal();
  listen(true);
  emit("z", mine.id, word, status, pack(note));
}

// Of an error's stack, the frames of this text and of node itself are left out.
Error.prepareStackTrace = (error, frames) => {
  const own = frames.filter((frame) => !/^(node:|\[eval)/.test(frame.getFileName() ?? ""));
  return [Error.prototype.toString.call(error), ...own].join("\n    at ");
};

function complain(error, mine = cell) {
  let text = "an error that cannot be shown";
  try {
    text = util.inspect(error);
  } catch {}
  mine.failed = true;
  process.stderr.write(`Uncaught ${text}\n`);
}

// The page faults of the programs that were started, which tell whether any was.
function faultsOfPrograms() {
  try {
    return readFileSync("/proc/self/stat", "latin1").split(") ").pop().split(" ")[8];
  } catch {
    return "";
  }
}

// What a program left of the terminal's settings.
const heal = () => void spawnSync("stty", ["sane", "-opost", "noflsh"], { stdio: "inherit" });

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

function serve() {
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.on(event, (error) => complain(error) ?? finish(cell, "error"));
  listen(true);
  emit("h", process.pid);
}

for (const name of ["PAGER", "GIT_PAGER", "MANPAGER", "SYSTEMD_PAGER"]) process.env[name] = "cat";
Object.assign(process.env, { GIT_TERMINAL_PROMPT: "0", DEBIAN_FRONTEND: "noninteractive" });
process.execArgv = [];
prepareToStop();
setInterval(() => {}, 2 ** 30); // a loop with nothing to do would end the process
restore();
