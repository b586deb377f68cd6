// Executes functions in this one process, a line each: the source as a JSON string, the value as JSON.
const { createServer } = require('node:net');

createServer((socket) => {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const source = JSON.parse(text.slice(0, end));
      text = text.slice(end + 1);
      const called = new Function(`return ${source}`)();
      socket.write(`${JSON.stringify(called())}\n`);
    }
  });
}).listen(process.argv[2]);
