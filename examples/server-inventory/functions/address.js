// Every site has a network of its own, and each role a range in it.
const SITES = { ams: 16, fra: 32 };
const ROLES = { web: 10, db: 20 };

export default function address({ site, role, number }) {
  return `10.${SITES[site]}.${ROLES[role]}.${number}`;
}
