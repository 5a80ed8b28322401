//! `tt upload`.

mod album;
mod files;
mod prepare;
mod progress;
mod room;
mod same;
mod waits;
mod way;
mod words;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use chrono::TimeDelta;
use tintype_dto::{Album, Image};

use self::album::Target;
use self::files::Source;
use self::progress::Progress;
use self::room::Room;
use self::same::Same;
use self::waits::Waits;
use self::way::{Sent, Way};
use crate::args::Upload;
use crate::credentials;
use crate::error::Error;
use crate::format::Format;
use crate::terminal::print;

/// How many files are on their way at once, as many as the page has.
const AT_ONCE: usize = 4;

/// Uploads files, four at once. Links are printed in the order of the files.
pub fn run(upload: &Upload) -> Result<(), Error> {
    let api = credentials::api()?;
    let (limits, now) = api.limits()?;
    let target = upload.album.as_deref().map(|name| Target::find(&api, name));
    let target = target.transpose()?;
    let mut found = files::find(&upload.paths, &upload.name)?;
    let progress = Progress::new(&found.files, upload.quiet);
    if found.others > 0 {
        progress.say(&words::left_out(found.others));
    }
    if found.files.is_empty() && found.failed.len() == 1 {
        return found.failed.pop().map_or(Ok(()), Err);
    }
    for error in &found.failed {
        progress.complain(&error.to_string());
    }
    let waits = Waits::new(&progress);
    let queue = Queue {
        files: &found.files,
        next: AtomicUsize::new(0),
        room: Room::new(),
        way: Way {
            api: &api,
            limits: &limits,
            private: upload.private,
            // It is told in whole seconds.
            began: now.map(|now| now + TimeDelta::seconds(1)),
            same: Same::default(),
            waits: &waits,
        },
        progress: &progress,
    };
    let mut images = Vec::new();
    let (done, status) = queue.work(|image| {
        images.push(image.id);
        print(&upload.format.write(image))
    })?;
    if let Some(target) = target.filter(|_| !images.is_empty()) {
        let album = target.fill(&api, &waits, &images, upload.private)?;
        print_album(&album, upload.format, &progress)?;
    }
    let failed = found.failed.iter().map(Error::status);
    match failed.fold(status, u8::max) {
        0 => Ok(()),
        status => Err(Error::Some {
            done,
            all: found.files.len() + found.failed.len(),
            status,
        }),
    }
}

/// The last line: where what was uploaded is together.
fn print_album(album: &Album, format: Format, progress: &Progress) -> Result<(), Error> {
    match (format, &album.links.page) {
        (Format::Json, _) => print(&serde_json::to_string(album).unwrap_or_default()),
        (_, Some(link)) => print(link),
        (_, None) => {
            progress.complain("the album is private: it has no link");
            Ok(())
        }
    }
}

/// What is to be uploaded, and by which rules.
struct Queue<'a> {
    files: &'a [Source],
    next: AtomicUsize,
    room: Room,
    way: Way<'a>,
    progress: &'a Progress,
}

impl Queue<'_> {
    /// Uploads everything, and hands each image over in the order of the files; how many were done, and the worst exit status of the others.
    fn work(
        &self,
        mut hand_over: impl FnMut(&Image) -> Result<(), Error>,
    ) -> Result<(usize, u8), Error> {
        thread::scope(|scope| {
            let (tell, ended) = mpsc::channel();
            for _ in 0..AT_ONCE.min(self.files.len()) {
                let tell = tell.clone();
                scope.spawn(move || {
                    while let Some(at) = self.take() {
                        // Nobody listens any more once standard output is closed.
                        if tell.send((at, self.upload(at))).is_err() {
                            self.way.waits.stop();
                        }
                    }
                });
            }
            drop(tell);
            let (mut waiting, mut turn, mut done, mut worst) = (BTreeMap::new(), 0, 0, 0);
            for (at, outcome) in ended {
                waiting.insert(at, outcome);
                while let Some(outcome) = waiting.remove(&turn) {
                    turn += 1;
                    match outcome {
                        Ok(image) => {
                            done += 1;
                            self.progress.quietly(|| hand_over(&image))?;
                        }
                        Err(status) => worst = worst.max(status),
                    }
                }
            }
            Ok((done, worst))
        })
    }

    fn take(&self) -> Option<usize> {
        let stopped = self.way.waits.has_stopped();
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        (at < self.files.len() && !stopped).then_some(at)
    }

    /// The image, or the exit status of what went wrong, which a line has told of; 0 if that was another file's.
    fn upload(&self, at: usize) -> Result<Image, u8> {
        let source = &self.files[at];
        let bar = self.progress.begin(source);
        // The file and what cleaning makes of it.
        let _place = self.room.take(source.held.saturating_mul(2));
        let sent = self.way.upload(source, &bar);
        self.progress.end(&bar, source);
        match sent {
            Ok(Sent {
                image,
                removed,
                standing,
            }) => {
                self.way.waits.done();
                let line = words::ended(&source.name, &removed, standing);
                if standing.is_surprise() {
                    self.progress.complain(&line);
                } else {
                    self.progress.say(&line);
                }
                Ok(*image)
            }
            Err(error) => {
                if !self.way.waits.failed(&error) {
                    return Err(0);
                }
                self.progress.complain(&format!("{}: {error}", source.name));
                Err(error.status())
            }
        }
    }
}
