//! The ZIP format (PKWARE's APPNOTE 6.3.10), as far as an archive that is written from its beginning to its end needs it: what is in it is
//! stored as it is, its checksum stands behind it, and its size is known before. So the size of all is known before, too.
//!
//! What does not fit the format's first fields, of 4 GB and of 65,535 entries, stands in those of ZIP64.

use chrono::{DateTime, Datelike, Timelike, Utc};

/// Numbers from here on stand in a field of ZIP64, and this in theirs.
const FULL: u32 = u32::MAX;
/// The same of the number of entries.
const FULL_COUNT: u16 = u16::MAX;
/// What a reader has to know: folders and the like, or ZIP64.
const BASIC: u16 = 20;
const ZIP64: u16 = 45;
/// Checksum and sizes stand behind the bytes; the name is UTF-8.
const FLAGS: u16 = (1 << 3) | (1 << 11);
/// Made as on Unix, so that its rights count: a file that its owner writes and everyone reads.
const UNIX: u16 = 3 << 8;
const RIGHTS: u32 = 0o100_644 << 16;

/// A file in an archive, as it is known before its bytes are.
#[derive(Clone)]
pub struct Entry {
    /// At most 65,535 bytes.
    pub name: String,
    pub size_bytes: u64,
    pub modified: DateTime<Utc>,
}

impl Entry {
    /// What stands before its bytes.
    pub fn header(&self) -> Vec<u8> {
        // Of what stands behind the bytes, nothing is said here: zeros, also in the field of ZIP64 that announces its longer form.
        let (size, sizes) = if self.is_large() {
            (FULL, vec![0; 2])
        } else {
            (0, Vec::new())
        };
        let extra = [zip64(&sizes), self.time()].concat();
        let about = self.about(self.needs(0), 0, [size, size], extra.len());
        [b"PK\x03\x04", &*about, self.name.as_bytes(), &extra].concat()
    }

    /// What stands behind them.
    pub fn descriptor(&self, crc: u32) -> Vec<u8> {
        let sizes = if self.is_large() {
            [self.size_bytes.to_le_bytes(); 2].concat()
        } else {
            [clipped(self.size_bytes).to_le_bytes(); 2].concat()
        };
        [b"PK\x07\x08", &crc.to_le_bytes()[..], &sizes].concat()
    }

    /// What stands of it in the directory at the archive's end. `offset` is where its header begins.
    pub fn record(&self, crc: u32, offset: u64) -> Vec<u8> {
        let sizes = self.is_large().then_some([self.size_bytes; 2]);
        let far = (offset >= FULL.into()).then_some(offset);
        let large: Vec<_> = sizes.into_iter().flatten().chain(far).collect();
        let extra = [zip64(&large), self.time()].concat();
        let needs = self.needs(offset);
        let about = self.about(needs, crc, [clipped(self.size_bytes); 2], extra.len());
        // No comment, the first disk, no kind.
        let (rest, rights) = ([0; 6], RIGHTS.to_le_bytes());
        let offset = clipped(offset).to_le_bytes();
        let made = (UNIX | needs).to_le_bytes();
        let fixed = [&made[..], &about, &rest, &rights, &offset].concat();
        [b"PK\x01\x02", &*fixed, self.name.as_bytes(), &extra].concat()
    }

    /// What header and record have in common.
    fn about(&self, needs: u16, crc: u32, sizes: [u32; 2], extra: usize) -> Vec<u8> {
        let (date, time) = dos(self.modified);
        let stored = 0;
        let first = [needs, FLAGS, stored, time, date];
        let numbers = [crc, sizes[0], sizes[1]];
        let lengths =
            [self.name.len(), extra].map(|length| u16::try_from(length).unwrap_or(FULL_COUNT));
        let first = first.map(u16::to_le_bytes).concat();
        let numbers = numbers.map(u32::to_le_bytes).concat();
        [first, numbers, lengths.map(u16::to_le_bytes).concat()].concat()
    }

    fn is_large(&self) -> bool {
        self.size_bytes >= FULL.into()
    }

    fn needs(&self, offset: u64) -> u16 {
        if self.is_large() || offset >= FULL.into() {
            ZIP64
        } else {
            BASIC
        }
    }

    /// When it was changed, in UTC: the format's own times are of no time zone.
    fn time(&self) -> Vec<u8> {
        let seconds = u32::try_from(self.modified.timestamp()).unwrap_or_default();
        let changed_alone = 1;
        field(
            0x5455,
            &[&[changed_alone][..], &seconds.to_le_bytes()].concat(),
        )
    }
}

/// The end of an archive of so many entries, whose directory begins at `offset` and takes so many bytes.
pub fn end(count: u64, offset: u64, directory_bytes: u64) -> Vec<u8> {
    let counted = u16::try_from(count).unwrap_or(FULL_COUNT);
    let counts = [counted; 2].map(u16::to_le_bytes).concat();
    let places = [directory_bytes, offset]
        .map(|n| clipped(n).to_le_bytes())
        .concat();
    let (disks, no_comment) = ([0; 4], [0; 2]);
    let end = [b"PK\x05\x06", &disks[..], &counts, &places, &no_comment].concat();
    if counted < FULL_COUNT && offset < FULL.into() && directory_bytes < FULL.into() {
        return end;
    }
    let versions = [UNIX | ZIP64, ZIP64].map(u16::to_le_bytes).concat();
    let numbers = [count, count, directory_bytes, offset]
        .map(u64::to_le_bytes)
        .concat();
    let rest = [&versions[..], &[0; 8], &numbers].concat();
    let length = (rest.len() as u64).to_le_bytes();
    let (disk, disks) = (0_u32.to_le_bytes(), 1_u32.to_le_bytes());
    let longer = [b"PK\x06\x06", &length[..], &rest].concat();
    let where_it_is = (offset + directory_bytes).to_le_bytes();
    let locator = [b"PK\x06\x07", &disk[..], &where_it_is, &disks].concat();
    [longer, locator, end].concat()
}

/// How many bytes an archive of these has.
pub fn size(entries: impl Iterator<Item = Entry>) -> u64 {
    let (mut count, mut offset, mut directory) = (0, 0, 0);
    for entry in entries {
        count += 1;
        directory += entry.record(0, offset).len() as u64;
        let around = entry.header().len() + entry.descriptor(0).len();
        offset += entry.size_bytes + around as u64;
    }
    offset + directory + end(count, offset, directory).len() as u64
}

/// The field with what the first ones have no room for, where there is such a number.
fn zip64(numbers: &[u64]) -> Vec<u8> {
    let numbers: Vec<_> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    if numbers.is_empty() {
        numbers
    } else {
        field(1, &numbers)
    }
}

/// An extra field.
fn field(id: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(FULL_COUNT);
    [&id.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

fn clipped(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(FULL)
}

/// Date and time in steps of two seconds, from 1980 to 2107.
fn dos(at: DateTime<Utc>) -> (u16, u16) {
    let year = u32::try_from(at.year() - 1980).unwrap_or_default().min(127);
    let date = (year << 9) | (at.month() << 5) | at.day();
    let time = (at.hour() << 11) | (at.minute() << 5) | (at.second() / 2);
    let short = |number| u16::try_from(number).unwrap_or_default();
    (short(date), short(time))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// Writes files of these names, sizes and beginnings. The rest of each is zeros, which take no room on the disk.
    fn write(path: &Path, files: impl Iterator<Item = (String, u64, Vec<u8>)>) {
        let mut file = File::create(path).unwrap();
        let (mut entries, mut directory, mut sent) = (Vec::new(), Vec::new(), 0);
        for (name, size_bytes, begins) in files {
            let modified = DateTime::from_timestamp(1_800_000_001, 0).unwrap();
            let entry = Entry {
                name,
                size_bytes,
                modified,
            };
            let crc = checksum(&begins, size_bytes);
            directory.extend(entry.record(crc, sent));
            file.write_all(&[entry.header(), begins].concat()).unwrap();
            sent += entry.header().len() as u64 + size_bytes;
            file.seek(SeekFrom::Start(sent)).unwrap();
            file.write_all(&entry.descriptor(crc)).unwrap();
            sent += entry.descriptor(crc).len() as u64;
            entries.push(entry);
        }
        let end = end(entries.len() as u64, sent, directory.len() as u64);
        file.write_all(&[directory, end].concat()).unwrap();
        assert_eq!(file.metadata().unwrap().len(), size(entries.into_iter()));
    }

    fn checksum(begins: &[u8], size_bytes: u64) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        crc.update(begins);
        let (zeros, mut left) = (vec![0; 1 << 20], size_bytes - begins.len() as u64);
        while left > 0 {
            let some = left.min(1 << 20);
            crc.update(&zeros[..usize::try_from(some).unwrap()]);
            left -= some;
        }
        crc.finalize()
    }

    fn python(path: &Path, script: &str) {
        let script = format!("import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n{script}");
        let mut python = Command::new("python3");
        let status = python.args(["-c", &script]).arg(path).status().unwrap();
        assert!(status.success(), "{script}");
    }

    fn info_zip(path: &Path) {
        let output = Command::new("unzip")
            .arg("-tqq")
            .arg(path)
            .output()
            .unwrap();
        assert!(
            output.status.success() && output.stdout.is_empty(),
            "{output:?}"
        );
    }

    fn in_folder(file: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join(file);
        (folder, path)
    }

    #[test]
    fn more_entries_than_the_first_fields_count_are_read_by_others() {
        let (_folder, path) = in_folder("many.zip");
        for many in [0, 1, 65_534, 65_535] {
            let name = |n| (format!("\u{e9}{n}.png"), 3, vec![0, 1, 2]);
            write(&path, (0..many).map(name));
            python(
                &path,
                &format!("assert z.testzip() is None and len(z.infolist()) == {many}"),
            );
            if many > 0 {
                python(
                    &path,
                    &format!("assert z.read('\u{e9}{}.png')[1:] == b'\\1\\2'", many - 1),
                );
                info_zip(&path);
            }
        }
    }

    #[test]
    fn what_stands_beyond_4_gb_is_read_by_others() {
        let (_folder, path) = in_folder("large.zip");
        write_large(&path);
        python(
            &path,
            "assert z.read('c') == b'small'
assert [one.file_size for one in z.infolist()] == [0xfffffffe, 0x100000005, 5]
assert z.open('b').read(7) == b'small\\0\\0'
assert [one.date_time for one in z.infolist()] == [(2027, 1, 15, 8, 0, 0)] * 3",
        );
    }

    #[test]
    #[ignore = "reads 17 GB"]
    fn every_byte_beyond_4_gb_is_read_by_others() {
        let (_folder, path) = in_folder("large.zip");
        write_large(&path);
        python(&path, "assert z.testzip() is None");
        info_zip(&path);
    }

    /// Files up to where the format's first fields end, beyond that, and one that stands behind them.
    fn write_large(path: &Path) {
        let sizes = [u64::from(FULL) - 1, u64::from(FULL) + 6, 5];
        let files = sizes.into_iter().zip(["a", "b", "c"]);
        write(
            path,
            files.map(|(size, name)| (name.to_owned(), size, b"small".to_vec())),
        );
    }
}
