// Names are made of the role, the site and a number.
export default ({ role, site, number }) => `${role}-${site}-${String(number).padStart(2, "0")}`;
