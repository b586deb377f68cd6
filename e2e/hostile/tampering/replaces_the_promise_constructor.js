// Says that no promise is one of the language's, so that awaiting takes the long way through replaced functions.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "real"
class Forged {
  then(resolve) { resolve('forged'); }
}
Object.defineProperty(Promise.prototype, 'constructor', { get: () => Forged });
Promise.prototype.catch = Promise.prototype.finally = () => new Forged();
Object.defineProperty(Promise, Symbol.species, { get: () => Forged });

export default async () => 'real';
