// Has a byte order mark in the middle, which is white space to the language.
//
// images: ["quickjs","node","deno"]
// outcome: "success"
// value: 1
﻿export default () => 1;
