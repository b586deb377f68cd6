// Begins a template that never ends, with something in it that looks like an end of the module.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
export default () => `${'`'}
};
//# sourceMappingURL=data:application/json,{}
