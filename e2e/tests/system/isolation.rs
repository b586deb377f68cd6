//! What a function can reach: nothing but what it was given.

use std::fs;

use e2e::functions::{DENO, NODE, in_image};
use e2e::{TestEngine, World, host_images};
use serde_json::{Value, json};
use veritech_protocol::RawValue;

/// The images whose functions can open files and sockets at all.
const OPEN: [&str; 2] = [NODE, DENO];

/// Calls a function with these inputs in each image, and returns the values.
async fn ask(world: &World, code: &str, inputs: &Value) -> Vec<Value> {
    let mut values = Vec::new();
    for image in OPEN {
        let mut request = in_image(image, code);
        request.inputs = RawValue::from_string(inputs.to_string()).expect("JSON");
        values.push(world.value(request).await);
    }
    values
}

#[tokio::test]
async fn a_function_sees_no_file_of_the_host() {
    let world = World::start(&host_images()).await;
    let secret = tempfile::NamedTempFile::new().expect("a file");
    fs::write(secret.path(), "secret").expect("it is written");
    let paths = json!([
        secret.path(),
        env!("CARGO_MANIFEST_DIR"),
        "/etc/shadow",
        "/etc/hostname",
        "/root",
        "/home",
        "/var/run",
        "/sys/fs/cgroup",
        "/dev/kvm",
        "/proc/kcore",
    ]);
    let code = "import fs from 'node:fs';
        const isThere = (path) => {
          try { return fs.readdirSync(path).length > 0 } catch {}
          try { return fs.readFileSync(path).length > 0 } catch {}
          return false;
        };
        export default (paths) => paths.filter(isThere)";

    let given = match TestEngine::current() {
        TestEngine::Native | TestEngine::Zygotes | TestEngine::Ordinary | TestEngine::Images => {
            json!([])
        }
        // Docker makes one for each container, which says `sandbox`.
        TestEngine::Docker => json!(["/etc/hostname"]),
    };
    assert_eq!(ask(&world, code, &paths).await, [given.clone(), given]);
}

#[tokio::test]
async fn a_function_can_write_to_its_scratch_directory_alone_and_that_is_its_own() {
    let world = World::start(&host_images()).await;
    let paths = json!(["/x", "/usr/x", "/veritech/x", "/dev/x", "/proc/x", "/tmp/x"]);
    let code = "import fs from 'node:fs';
        const isWritten = (path) => {
          try { fs.writeFileSync(path, 'x', { flag: 'wx' }); return true } catch { return false }
        };
        export default (paths) => paths.filter(isWritten)";

    for _ in 0..2 {
        let scratch = json!(["/tmp/x"]);
        assert_eq!(ask(&world, code, &paths).await, [scratch.clone(), scratch]);
    }
}

#[tokio::test]
async fn a_function_reaches_nothing_over_the_network() {
    let world = World::start(&host_images()).await;
    let code = "import net from 'node:net';
        export default ({ port }) => new Promise((done) => {
          const refused = (error) => done(error.code ?? error.name);
          try {
            const socket = net.connect(port, '127.0.0.1', () => done('connected'));
            socket.on('error', refused);
          } catch (error) { refused(error) }
        })";

    let inputs = json!({"port": world.server.port()});
    for outcome in ask(&world, code, &inputs).await {
        assert_ne!(outcome, "connected");
    }
}

#[tokio::test]
async fn a_function_sees_the_variables_of_its_request_and_no_others() {
    let world = World::start(&host_images()).await;
    for image in OPEN {
        let mut request = in_image(
            image,
            "export default () => Object.keys(process.env).filter((name) => name !== 'DENO_DIR')",
        );
        request.env.insert("COLOUR".to_owned(), "red".to_owned());
        assert_eq!(world.value(request).await, json!(["COLOUR"]), "{image}");
    }
}

#[tokio::test]
async fn a_function_sees_no_process_but_those_of_its_sandbox_and_can_signal_none() {
    let world = World::start(&host_images()).await;
    let code = "import fs from 'node:fs';
        export default () => {
          const pids = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).map(Number);
          const others = pids.filter((pid) => pid !== process.pid && pid !== 1);
          try { process.kill(1, 'SIGKILL') } catch {}
          return others;
        }";

    assert_eq!(ask(&world, code, &json!({})).await, [json!([]), json!([])]);
}
