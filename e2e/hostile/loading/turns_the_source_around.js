// Has marks that turn the direction of text around, so that a comment seems to be code. It means what its characters mean.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: "user"
export default () => {
  const level = 'user';
  /*‮ } ⁦if (isAdmin)⁩ ⁦ begin admins only */
  return level;
};
