// A language for tests of the kit's part for node: JavaScript without what V8's REPL mode does for it.
Object.assign(globalThis, { display, emit, require });

async function run(code, cell) {
  globalThis.cell = cell;
  await (0, eval)(code);
}
