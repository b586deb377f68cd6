// Opens files until it is refused. It meets that limit as an error of its own.
//
// images: ["node"]
// outcome: "exception"
// message: "EMFILE"
import fs from 'node:fs';

export default () => {
  for (;;) fs.openSync('/dev/null');
};
