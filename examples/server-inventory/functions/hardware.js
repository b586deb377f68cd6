// What a model is made of.
const MODELS = {
  "r1-small": { cores: 8, memory_gib: 64, disks: { nvme0: 960 } },
  "r1-large": { cores: 32, memory_gib: 256, disks: { nvme0: 960, nvme1: 3840, nvme2: 3840 } },
};

export default function hardware({ model }) {
  const found = MODELS[model];
  if (!found) throw new RangeError(`no such model: ${model}`);
  return found;
}
