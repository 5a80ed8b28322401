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

/// Prints the man page: `tt` itself, then each command with its options.
pub fn man() -> Result<(), Error> {
    let mut command = Arguments::command();
    command.build();
    let mut text = Vec::new();
    let written = Man::new(command.clone()).render(&mut text).and_then(|()| {
        let commands = command
            .get_subcommands()
            .filter(|command| command.get_name() != "help");
        commands
            .into_iter()
            .try_for_each(|command| section(command, &mut text))
    });
    written.map_err(Error::local("write the man page"))?;
    write(&text)
}

fn section(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone());
    writeln!(text, ".SH {}", command.get_name().to_uppercase())?;
    man.render_description_section(text)?;
    man.render_options_section(text)
}
