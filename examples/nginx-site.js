// Code generation: the configuration of a site for nginx.
//
//   veritech run examples/nginx-site.js --kind code_generation \
//     --inputs '{"name":"www.example.org","root":"/srv/www","redirects":{"/old":"/new"}}'

export default function generate({ name, root, redirects = {} }) {
  const moved = Object.entries(redirects).map(
    ([from, to]) => `    location = ${from} { return 301 ${to}; }`,
  );
  const lines = [
    "server {",
    "    listen 80;",
    `    server_name ${name};`,
    `    root ${root};`,
    ...moved,
    "}",
  ];
  return { format: "nginx", code: lines.join("\n") + "\n" };
}
