// An action: decides which disks can be released, and says how that went.
//
//   veritech run examples/release-disks.js --kind action --inputs @examples/release-disks.json

export default function release({ disks }) {
  const free = disks.filter((disk) => disk.attachedTo === null);
  const busy = disks.filter((disk) => disk.attachedTo !== null);
  for (const disk of busy) {
    console.warn(`${disk.id} is attached to ${disk.attachedTo}`);
  }
  const payload = { released: free.map((disk) => disk.id) };
  if (free.length === 0) {
    return { status: "error", payload, message: "no disk can be released" };
  }
  if (busy.length > 0) {
    return { status: "warning", payload, message: `${busy.length} of ${disks.length} disks are in use` };
  }
  return { status: "ok", payload };
}
