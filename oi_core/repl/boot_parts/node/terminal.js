// Part 1: the terminal, the markers written to it, the messages read from it.
const { openSync, readFileSync, writeSync } = require("fs");
const tty = require("tty"), util = require("util"), Module = require("module"), readline = require("readline");
const { Readable } = require("stream"), { Session } = require("inspector"), { Worker } = require("worker_threads");
const { spawnSync } = require("child_process");
const { setTimeout, setInterval, setImmediate, clearInterval, process, Promise, Buffer } = globalThis;
const nonce = process.argv[1], keys = new tty.ReadStream(ownTerminal());
let cell = {}; // the one that runs: its id, whether it was stopped, whether it failed, what to know of the state
let buffer = "", parts = [];

// A stream makes its file non-blocking; standard input must not be, for code that reads it at once.
function ownTerminal() {
  try {
    return openSync("/dev/fd/0", "r+");
  } catch {
    return 0;
  }
}

const marker = (...fields) => `\x1b]6973;${nonce};${fields.join(";")}\x07`;
const pack = (text) => Buffer.from(text).toString("base64");
const unpack = (text) => Buffer.from(text, "base64").toString();

function emit(...fields) {
  let data = Buffer.from(marker(...fields));
  while (data.length)
    try {
      data = data.subarray(writeSync(0, data));
    } catch (error) {
      if (error.code !== "EAGAIN") throw error; // a program made the terminal non-blocking
    }
}

function display(bundle) {
  const pair = ([kind, value]) => [kind, typeof value === "string" ? value : { base64: pack(value) }];
  const data = pack(JSON.stringify(Object.fromEntries(Object.entries(bundle).map(pair))));
  for (let at = 0; at < data.length; at += 3000) emit("d", Number(at + 3000 < data.length), data.slice(at, at + 3000));
}

// While code runs nothing is read here: what is typed is for the programs that it starts.
function listen(on) {
  keys.setRawMode(on);
  if (on) return keys.resume();
  keys.pause()._handle.reading = false;
  keys._handle.readStop();
}

keys.setEncoding("latin1").on("data", (text) => {
  if (text.includes("\x03")) stop(); // the interrupt key is a character while a question is asked
  const lines = (buffer + text).split("\n");
  buffer = lines.pop();
  for (const line of lines) {
    const [, id, part, more] = line.includes(nonce) ? line.slice(line.lastIndexOf(nonce)).split(" ") : [];
    if (!more) continue;
    parts.push(part);
    if (more === ".") take(id, parts.splice(0).join(""));
    else if (parts.length === 1) emit("c");
  }
});

function take(id, message) {
  const text = unpack(message.slice(1));
  if (message[0] === "x") begin(id, text);
  else if (message[0] === "q") exit.call(process);
  else asking?.take(message[0] === "a" ? text.replace(/\n+$/, "") : null);
}
