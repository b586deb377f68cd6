// A function is a module; its default export is called with the inputs.
export default function greet({ name }) {
  console.log(`greeting ${name}`);
  return `Hello, ${name}!`;
}
