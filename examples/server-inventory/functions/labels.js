export default ({ role, site, cores }) => ({
  "example.org/role": role,
  "example.org/site": site,
  "example.org/size": cores > 16 ? "large" : "small",
});
