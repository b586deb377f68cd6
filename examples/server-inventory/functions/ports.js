const PORTS = { web: [80, 443], db: [5432] };

export default ({ role }) => [22, ...PORTS[role]];
