// Hides code behind a comment that only old scripts know, and shows it where those are not known. Modules do not have them.
//
// images: ["quickjs","node","deno"]
// outcome: "syntax_error"
export default () => 1;
<!-- throw new Error('hidden');
