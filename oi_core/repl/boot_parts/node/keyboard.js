// Part 2: process.stdin and readline; every line is asked for, when somebody wants one.
let asking = null, stdin = null;

class Keyboard extends Readable {
  fd = 0;
  isTTY = true;
  isRaw = false;
  isMuted = false;
  isHungry = false;
  isOver = false;
  wanted() {
    return this.listenerCount("readable") > 0 || (this.listenerCount("data") > 0 && !this.isPaused());
  }
  ask() {
    setImmediate(() => {
      if (asking || !cell.id || !this.isHungry || this.isOver || !this.wanted()) return;
      asking = this;
      listen(true);
      emit("i", "", Number(this.isRaw || this.isMuted));
    });
  }
  take(line) {
    listen(false);
    asking = null;
    this.isHungry = this.isQuestion = false;
    this.isOver = line === null;
    this.push(line === null ? null : line + (this.isRaw ? "\r" : "\n"));
  }
  _read() {
    this.isHungry = true;
    this.ask();
  }
  resume() {
    this.ask();
    return super.resume();
  }
  setRawMode(on) {
    this.isRaw = on;
    return this;
  }
  ref = () => this;
  unref = () => this;
}

const currentStdin = () => (!stdin || stdin.isOver || stdin.destroyed ? (stdin = new Keyboard()) : stdin);
Object.defineProperty(process, "stdin", { configurable: true, enumerable: true, get: currentStdin });

// An interface reads from when it is made; asking the person begins when it wants a line.
function withOwnKeyboard(create, args) {
  const options = args[0]?.input ? args[0] : { input: args[0], output: args[1], terminal: args[3] };
  if (!(options.input instanceof Keyboard) || options.terminal) return create(...args);
  const input = new Keyboard(), lines = create({ ...options, input, terminal: false }), { question } = lines;
  input.wanted = () => !lines.closed && (input.isQuestion || lines.listenerCount("line") > 0);
  lines.on("newListener", (name) => name === "line" && input.ask());
  lines.question = (...rest) => {
    input.isQuestion = true;
    input.isMuted = Object.hasOwn(lines, "_writeToOutput"); // the usual way not to show a password
    input.ask();
    return question.apply(lines, rest);
  };
  const asPromise = question[util.promisify.custom];
  if (asPromise) lines.question[util.promisify.custom] = asPromise.bind(lines);
  return lines;
}
for (const module of [readline, readline.promises ?? {}]) {
  const create = module.createInterface;
  module.createInterface = (...args) => withOwnKeyboard(create, args);
}
Module.syncBuiltinESMExports();
