// Part 3: code that is stopped, by an interrupt or by itself. A thread of its own waits for SIGINT, because the main one
// may be in a loop that never ends; it stops that through the inspector, and nothing can catch it.
const { exit } = process, session = new Session(), flags = new Int32Array(new SharedArrayBuffer(8));

function watch() {
  const { parentPort, workerData: flags } = require("worker_threads"), { Script } = require("vm");
  const { Session } = require("inspector");
  let session;
  function terminate() {
    if (!session) (session = new Session()).connectToMainThread();
    session.post("Runtime.terminateExecution", () => {});
  }
  globalThis.wait = () => Atomics.wait(flags, 0, 0);
  globalThis.serve = () => {
    for (;;)
      try {
        watched(waiting);
      } catch {
        Atomics.store(flags, 1, 0);
        parentPort.postMessage("interrupt");
        if (Atomics.wait(flags, 1, 0, 50) === "timed-out") terminate();
      }
  };
  // Two deep: while one interrupt is dealt with, the next must not find the default of the system.
  const waiting = new Script("wait()"), serving = new Script("serve()");
  const watched = (script) => script.runInThisContext({ breakOnSigint: true });
  for (;;)
    try {
      watched(serving);
    } catch {}
}

function stop() {
  Atomics.store(flags, 1, 1);
  Atomics.notify(flags, 1);
  finish(cell, "interrupt");
}

process.exit = (code = process.exitCode ?? 0) => {
  const mine = cell, status = Number(code) || 0;
  if (!mine.id) return exit.call(process, code);
  mine.stopped = true;
  const note = "exit was asked for; node was kept, variables intact";
  setImmediate(() => finish(mine, status ? "error" : "ok", status, note));
  session.post("Runtime.terminateExecution");
  for (;;);
};

// An interval never ends by itself: it ends with the code, when that is stopped.
globalThis.setInterval = (...args) => {
  const timer = setInterval(...args);
  cell.intervals?.push(timer);
  return timer;
};

function prepareToStop() {
  process.on("SIGINT", stop); // until the thread is there
  const [catchSignal] = process.listeners("newListener");
  process.off("newListener", catchSignal).on("newListener", (name) => name === "SIGINT" || catchSignal(name));
  new Worker(`(${watch})()`, { eval: true, workerData: flags }).on("message", stop).unref();
}
