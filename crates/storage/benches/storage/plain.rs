//! What the disk costs whoever wants files to last.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::{OBJECTS, bytes, timed};

/// Writes, synchronises and renames; `and_folders`: synchronises the folder that has the new name, too.
pub fn write(folder: &Path, at_once: usize, and_folders: bool) -> Duration {
    let (temp, kept) = (folder.join("tmp"), folder.join("kept"));
    fs::create_dir(&temp).unwrap();
    for shard in 0..256 {
        fs::create_dir_all(kept.join(shard.to_string())).unwrap();
    }
    let one = |number: usize| {
        let shard = kept.join((number * 37 % 256).to_string());
        let from = temp.join(number.to_string());
        let mut file = File::create_new(&from).unwrap();
        file.write_all(&bytes(number)).unwrap();
        file.sync_all().unwrap();
        fs::rename(&from, shard.join(number.to_string())).unwrap();
        if and_folders {
            File::open(shard).unwrap().sync_all().unwrap();
        }
    };
    timed(|| {
        thread::scope(|scope| {
            for first in 0..at_once {
                scope.spawn(move || (first..OBJECTS).step_by(at_once).for_each(one));
            }
        });
    })
}
