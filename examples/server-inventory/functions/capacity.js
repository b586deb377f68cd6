// All disks together, in GB.
export default ({ disks }) => Object.values(disks).reduce((sum, size) => sum + size, 0);
