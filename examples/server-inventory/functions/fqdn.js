export default ({ hostname, domain }) => `${hostname}.${domain}`;
