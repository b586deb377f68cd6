// Whether a text names an image, in the grammar of OCI references.

/** The longest name of an image, in bytes. */
const MAX_IMAGE_BYTES = 255;

/** Letters and digits, joined by single `.`, one or two `_`, or any number of `-`. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What a name must be, in words. */
export const IMAGE_FORM =
  "must be an OCI image name such as `builtin/quickjs` or `registry.example.com:5000/team/image`, " +
  `of at most ${MAX_IMAGE_BYTES} bytes`;

/** What a tag must be, in words. */
export const TAG_FORM =
  "must be a tag (1 to 128 of `A-Z`, `a-z`, `0-9`, `_`, `.`, `-`, not starting with `.` or `-`) " +
  "or a digest `sha256:` with 64 digits in lower-case hexadecimal";

/** Whether the text is a name: an optional host of a registry, and components in lower case. */
export function isImage(text: string): boolean {
  if (text.length > MAX_IMAGE_BYTES) {
    return false;
  }
  const [first = "", ...rest] = text.split("/");
  const firstFits = COMPONENT.test(first) || (rest.length > 0 && isHost(first));
  return firstFits && rest.every((component) => COMPONENT.test(component));
}

/** Whether the text is a tag or a digest. */
export function isTag(text: string): boolean {
  return TAG.test(text) || DIGEST.test(text);
}

function isHost(text: string): boolean {
  const [name = "", port = "0", ...rest] = text.split(":");
  const isPort = /^[0-9]+$/.test(port) && Number(port) <= 65_535;
  return name.split(".").every((label) => LABEL.test(label)) && isPort && rest.length === 0;
}
