//! What can be asked of `just bench api`.

use std::time::Duration;

use clap::Args;

#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// How many images there are; the last size gets every scenario, the others those that read rows.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000])]
    pub images: Vec<u32>,
    /// How long each turn measures.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub seconds: u32,
    /// How many turns there are; medians are shown.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub repeats: u32,
    /// Only scenarios with this in their name.
    #[arg(long, default_value = "")]
    pub only: String,
    /// Put the tables into docs/benchmarks.md.
    #[arg(long)]
    pub write: bool,
}

impl Options {
    pub fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    pub fn command(&self) -> String {
        let sizes: Vec<_> = self.images.iter().map(u32::to_string).collect();
        let only = match self.only.as_str() {
            "" => String::new(),
            only => format!(" --only '{only}'"),
        };
        format!(
            "just bench api --images {} --seconds {} --repeats {}{only}",
            sizes.join(","),
            self.seconds,
            self.repeats
        )
    }
}
