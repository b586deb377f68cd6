//! Starts the runner with a pipe at descriptor 3 and collects what it says.

use std::io::{Read as _, Write as _};
use std::process::{Command, ExitStatus, Stdio};

use descriptors::ChildSetup;
use serde_json::{Value, json};

/// How long any function of these tests may take.
const TIMEOUT_MS: u64 = 10_000;

/// What became of one execution.
#[derive(Debug)]
pub(crate) struct Report {
    /// Everything that came out of the pipe.
    pub(crate) raw: String,
    /// The lines of the pipe.
    pub(crate) events: Vec<Value>,
    /// How the process ended.
    pub(crate) status: ExitStatus,
    /// What the process wrote to its standard output and error.
    pub(crate) printed: String,
}

/// An execution that has not been started.
pub(crate) struct Execution {
    request: Value,
    command: Vec<String>,
}

/// Returns an execution of `code` with every default.
pub(crate) fn function(code: &str) -> Execution {
    Execution {
        request: json!({
            "id": "test",
            "kind": "resolver",
            "code": code,
            "inputs": {},
            "deadline": 1_700_000_000_000_u64,
            "timeout_ms": TIMEOUT_MS,
            "output_bytes": 1 << 20,
            "result_bytes": 1 << 20,
        }),
        command: vec![env!("CARGO_BIN_EXE_quickjs").to_owned()],
    }
}

/// Runs `code` and returns its value as the text that came out of the pipe.
pub(crate) fn value(code: &str) -> String {
    function(code).run().value()
}

/// Runs an expression in a handler and returns its value.
pub(crate) fn evaluated(expression: &str) -> String {
    value(&format!("export default () => ({expression})"))
}

/// Runs `code` and returns its failure.
pub(crate) fn failure(code: &str) -> Value {
    function(code).run().failure()
}

/// Runs the statements and returns the messages of the console.
pub(crate) fn printed(statements: &str) -> Vec<String> {
    let report = function(&format!("export default () => {{ {statements} }}")).run();
    assert_eq!(report.result()["status"], "success", "{}", report.raw);
    report.messages()
}

impl Execution {
    /// Sets one field of the request.
    pub(crate) fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        let request = self.request.as_object_mut().expect("it is an object");
        request.insert(field.to_owned(), value.into());
        self
    }

    /// Sets the most memory that the process may use.
    pub(crate) fn memory_kib(mut self, kib: u32) -> Self {
        let script = format!("ulimit -d {kib}; exec \"$0\"");
        self.command
            .splice(..0, ["sh".to_owned(), "-c".to_owned(), script]);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Report {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let (program, arguments) = self.command.split_first().expect("a program");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        ChildSetup {
            descriptors: vec![(writer.into(), 3)],
            ..ChildSetup::default()
        }
        .apply(&mut command)
        .expect("a consistent setup");
        let mut child = command.spawn().expect("the runner starts");
        drop(command);

        let mut stdin = child.stdin.take().expect("it is piped");
        writeln!(stdin, "{}", self.request).expect("the runner reads");
        let mut raw = String::new();
        reader.read_to_string(&mut raw).expect("lines of text");
        let output = child.wait_with_output().expect("it ends");
        drop(stdin);

        let events = raw.lines().map(event).collect();
        let printed = [output.stdout, output.stderr].concat();
        Report {
            raw,
            events,
            status: output.status,
            printed: String::from_utf8_lossy(&printed).into_owned(),
        }
    }
}

/// How a line with a value begins.
const VALUE: &str = r#"{"event":"result","status":"success","value":"#;

/// Parses one line. A value that is deeper than `serde_json` reads is left out.
fn event(line: &str) -> Value {
    match line.strip_prefix(VALUE) {
        Some(rest) => {
            let json = rest.strip_suffix('}').expect("the end of the line");
            let value: Option<Value> = serde_json::from_str(json).ok();
            json!({"event": "result", "status": "success", "value": value})
        }
        None => serde_json::from_str(line).expect("a line of JSON"),
    }
}

impl Report {
    /// The result, which is the last line and the only of its sort.
    pub(crate) fn result(&self) -> &Value {
        assert!(self.status.success(), "{self:?}");
        assert_eq!(self.printed, "", "nothing is printed");
        assert_eq!(self.events.first(), Some(&json!({"event": "ready"})));
        let results = self
            .events
            .iter()
            .filter(|event| event["event"] == "result");
        assert_eq!(results.count(), 1, "{}", self.raw);
        let last = self.events.last().expect("there is one");
        assert_eq!(last["event"], "result", "{}", self.raw);
        last
    }

    /// The value as it was written.
    pub(crate) fn value(&self) -> String {
        let result = self.result();
        assert_eq!(result["status"], "success", "{}", self.raw);
        if result["unset"] == true {
            return "unset".to_owned();
        }
        let line = self.raw.lines().last().expect("there is one");
        let value = line.strip_prefix(VALUE);
        let value = value.and_then(|value| value.strip_suffix('}'));
        value.expect("a result with a value").to_owned()
    }

    /// The failure.
    pub(crate) fn failure(&self) -> Value {
        assert_eq!(self.result()["status"], "failure", "{}", self.raw);
        self.result()["failure"].clone()
    }

    /// The console messages with their stream and level.
    pub(crate) fn outputs(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        self.events
            .iter()
            .filter(|event| event["event"] == "output")
            .map(|event| {
                (
                    text(&event["stream"]),
                    text(&event["level"]),
                    text(&event["message"]),
                )
            })
            .collect()
    }

    /// The console messages.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.outputs()
            .into_iter()
            .map(|(_, _, message)| message)
            .collect()
    }
}
