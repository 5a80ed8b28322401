//! Completions and the man page, from the same definition as the commands.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use crate::args::Arguments;
use crate::error::Error;
use crate::terminal::write;

/// Prints completions for a shell.
pub fn completions(shell: Shell) -> Result<(), Error> {
    let mut text = Vec::new();
    generate(shell, &mut Arguments::command(), "tt", &mut text);
    write(&text)
}

/// Prints the man page: `tt` itself, then each command with its arguments and options.
pub fn man() -> Result<(), Error> {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let mut text = Vec::new();
    let written = page(&command, &mut text);
    written.map_err(Error::local("write the man page"))?;
    // What is code in the help has no mark here.
    write(String::from_utf8_lossy(&text).replace('`', "").as_bytes())
}

fn page(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(text)?;
    man.render_name_section(text)?;
    writeln!(text, ".SH SYNOPSIS")?;
    for command in command.get_subcommands() {
        writeln!(text, "{}\n.br", synopsis(command))?;
    }
    man.render_description_section(text)?;
    for command in command.get_subcommands() {
        section(command, text)?;
    }
    man.render_extra_section(text)?;
    man.render_version_section(text)
}

fn section(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    writeln!(text, ".SH {}", command.get_name().to_uppercase())?;
    writeln!(text, "{}", synopsis(command))?;
    for render in [Man::render_description_section, Man::render_options_section] {
        let mut part = Vec::new();
        render(&man, &mut part)?;
        let part = String::from_utf8_lossy(&part);
        // Below the name of the command.
        text.extend(part.replace(".SH ", ".SS ").bytes());
    }
    Ok(())
}

/// A command with its arguments: `tt upload [OPTIONS] <PATHS>...`.
fn synopsis(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage: ").replace('-', "\\-")
}
