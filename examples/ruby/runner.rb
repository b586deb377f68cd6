# A runner for Ruby (docs/runners.md): executes one function, a method of the code's top level.
require "json"

FILE = "function.rb"
EVENTS = IO.for_fd(3, "w")
EVENTS.close_on_exec = true

def tell(**event)
  EVENTS.puts(JSON.generate(event))
  EVENTS.flush
end

def fail_with(code, message, **details)
  tell(event: "result", status: "failure", failure: { code:, message:, details: })
end

tell(event: "ready")
execution = JSON.parse($stdin.gets, symbolize_names: true)
name = execution[:handler] || "handler"
begin
  ENV.update(execution[:env].transform_keys(&:to_s))
  context = execution.slice(:id, :kind, :deadline).freeze
  eval(execution[:code], TOPLEVEL_BINDING, FILE, 1)
  if !respond_to?(name, true)
    fail_with("invalid_handler", "there is no method `#{name}`", handler: name)
  elsif (value = send(name, execution[:inputs], context)).nil?
    tell(event: "result", status: "success", unset: true)
  else
    tell(event: "result", status: "success", value:)
  end
rescue SyntaxError => error
  line = error.message[/#{FILE}:(\d+)/o, 1].to_i
  fail_with("syntax_error", error.message, line:, column: 1)
rescue JSON::GeneratorError => error
  fail_with("invalid_result", error.message, path: "", type: value.class.name)
rescue StandardError, ScriptError, SystemStackError => error
  stack = error.backtrace.grep(/^#{FILE}/o).join("\n")
  fail_with("exception", error.message, class: error.class.name, message: error.message, stack:)
end
