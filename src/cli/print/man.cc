#include "cli/print/man.h"

#include <fmt/format.h>

#include "cli/exit_code.h"
#include "cli/print/help.h"

namespace exposee::cli {
namespace {

// Letters that groff reads: a backslash, a hyphen that must stay one, and lines that begin like a request.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.empty() && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::string row(std::string_view label, std::string_view text) {
  return fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(label), roff(text));
}

std::string command_text(const Command& command) {
  std::string text = fmt::format(".SS {}\n{}.\n", roff(usage_line(command)), roff(command.help));
  if (!command.description.empty()) text += roff(command.description) + "\n";
  for (const Argument& argument : command.arguments) text += row(argument.name, argument_text(argument));
  for (const Option& option : command.options) text += row(option_label(option), option_text(option));
  for (const auto& [line, what] : command.examples) {
    text += fmt::format(".PP\n{}:\n.PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", roff(what), roff(line));
  }
  return text;
}

struct Variable {
  std::string_view name, meaning;
};
constexpr Variable kVariables[] = {
    {"EXPOSEE_URL", "The server that the client's commands ask, such as https://example.com/hooks. --url overrides it."},
    {"EXPOSEE_CONFIG", "The settings file. --config overrides it."},
    {"EXPOSEE_SECTION_KEY", "Every setting has a variable; exposee check-config --json names it."},
    {"NO_COLOR", "When it is set and not empty, nothing is coloured; nor where TERM is dumb or there is no terminal."},
    {"http_proxy, https_proxy, all_proxy, no_proxy",
     "Proxies that the client's commands use, as curl does; never for this machine itself."},
};

constexpr std::string_view kFiles =
    ".SH FILES\n.TP\n\\fBexposee.toml\\fR\nThe settings file, when it lies in the working directory and no other is "
    "named.\n.TP\n\\fBexposee\\-data\\fR\nThe data, unless the settings name another directory.\n";

}  // namespace

std::string man_page(Table table, std::string_view version) {
  std::string text = fmt::format(".TH EXPOSEE 1 \"\" \"Exposee {}\" \"User Commands\"\n.SH NAME\nexposee \\- a webhook "
                                 "notification service\n.SH SYNOPSIS\n.B exposee\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
                                 ".SH DESCRIPTION\n{}\n.PP\nData goes to standard output, messages to standard error.\n",
                                 roff(version), roff(kProgramHelp));
  for (const Group group : kGroups) {
    text += fmt::format(".SH {}\n", roff(title_of(group)));
    for (const Command& command : table) {
      if (command.group == group) text += command_text(command);
    }
  }
  text += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitCodes) text += row(std::to_string(to_int(code)), meaning);
  text += ".SH ENVIRONMENT\n";
  for (const auto& [name, meaning] : kVariables) text += row(name, meaning);
  return text + std::string(kFiles);
}

}  // namespace exposee::cli
