// A language for tests that becomes JavaScript: its words are in capitals.
const run = async (code, cell) => show(await evaluate(code.toLowerCase(), cell, code));
