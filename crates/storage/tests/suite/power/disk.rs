//! What a disk may hold after the power has gone: everything that was synchronised, and of the rest any part.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::recording::{Made, Op};

/// So many states of one moment are all tried. Where there would be more (the first start makes 258 folders at once) they
/// are: everything, nothing, everything but one, one alone, and the first so many; of the many folders, every 16th.
const ALL: usize = 512;
const EVERY: usize = 16;

type Node = usize;
type Content = Rc<Vec<u8>>;

/// The disk while it has power: what is durable, and what is pending, in order.
pub struct Disk {
    root: PathBuf,
    folders: BTreeMap<Node, Folder>,
    files: BTreeMap<Node, Blocks>,
    made: BTreeMap<Made, Node>,
    next: Node,
}

#[derive(Default)]
struct Folder {
    kept: BTreeMap<OsString, Node>,
    under_way: Vec<(OsString, Option<Node>)>,
}

#[derive(Default)]
struct Blocks {
    kept: Vec<u8>,
    under_way: Vec<Vec<u8>>,
}

/// A state that a crash can leave: folders, and files with their content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree(BTreeMap<PathBuf, Option<Content>>);

/// One thing that may have come to the disk in several ways; the oldest first, the newest last.
enum Choice {
    Entry {
        folder: Node,
        name: OsString,
        ways: Vec<Option<Node>>,
    },
    Data {
        file: Node,
        ways: Vec<Content>,
    },
}

impl Choice {
    fn ways(&self) -> usize {
        match self {
            Self::Entry { ways, .. } => ways.len(),
            Self::Data { ways, .. } => ways.len(),
        }
    }
}

impl Disk {
    /// Nothing but an empty folder.
    pub fn new(root: &Path) -> Self {
        let folders = BTreeMap::from([(0, Folder::default())]);
        Self {
            root: root.into(),
            folders,
            files: BTreeMap::new(),
            made: BTreeMap::new(),
            next: 1,
        }
    }

    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::MakeFolder(path) => {
                let node = self.node();
                self.folders.insert(node, Folder::default());
                self.point(path, Some(node));
            }
            Op::Make(path, made) => {
                let node = self.node();
                self.files.insert(node, Blocks::default());
                self.made.insert(*made, node);
                self.point(path, Some(node));
            }
            Op::Write(made, bytes) => self.file(*made).under_way.push(bytes.clone()),
            Op::SyncFile(made) => {
                let blocks = self.file(*made);
                for bytes in std::mem::take(&mut blocks.under_way) {
                    blocks.kept.extend(bytes);
                }
            }
            Op::SyncFolder(path) => {
                let node = self.find(path).unwrap();
                let folder = self.folders.get_mut(&node).unwrap();
                for (name, node) in std::mem::take(&mut folder.under_way) {
                    match node {
                        Some(node) => drop(folder.kept.insert(name, node)),
                        None => drop(folder.kept.remove(&name)),
                    }
                }
            }
            Op::Link(from, to) => {
                let node = self.find(from);
                self.point(to, node);
            }
            Op::Rename(from, to) => {
                // The new name replaces what was there in one step, but the old name may go before or after that.
                let node = self.find(from);
                self.point(to, node);
                self.point(from, None);
            }
            Op::Remove(path) => self.point(path, None),
            Op::Asked(_) | Op::Answered(_) => {}
        }
    }

    /// The states that a crash at this moment can leave.
    pub fn crashes(&self) -> Vec<Tree> {
        let choices = self.choices();
        let newest: Vec<_> = choices.iter().map(|choice| choice.ways() - 1).collect();
        let oldest = vec![0; choices.len()];
        let mut picks = BTreeSet::from([newest.clone(), oldest.clone()]);
        if choices
            .iter()
            .try_fold(1, |product: usize, choice| {
                product.checked_mul(choice.ways())
            })
            .is_some_and(|all| all <= ALL)
        {
            let mut pick = oldest;
            while let Some(at) = (0..pick.len()).find(|&at| pick[at] < newest[at]) {
                pick[at] += 1;
                pick[..at].fill(0);
                picks.insert(pick.clone());
            }
        } else {
            let (few, many) = choices.split_at(choices.len().min(EVERY));
            let many = many
                .iter()
                .enumerate()
                .skip(EVERY - 1)
                .step_by(EVERY)
                .map(|(at, choice)| (at + few.len(), choice));
            for (at, choice) in few.iter().enumerate().chain(many) {
                for way in 0..choice.ways() {
                    for all in [&newest, &oldest] {
                        let mut pick = all.clone();
                        pick[at] = way;
                        picks.insert(pick);
                    }
                }
                picks.insert([&newest[..at], &oldest[at..]].concat());
            }
        }
        picks.iter().map(|pick| self.tree(&choices, pick)).collect()
    }

    fn choices(&self) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (&folder, Folder { kept, under_way }) in &self.folders {
            for name in under_way
                .iter()
                .map(|(name, _)| name)
                .collect::<BTreeSet<_>>()
            {
                let mut ways = vec![kept.get(name).copied()];
                ways.extend(
                    under_way
                        .iter()
                        .filter(|(other, _)| other == name)
                        .map(|(_, node)| *node),
                );
                let mut seen = BTreeSet::new();
                ways.reverse();
                ways.retain(|way| seen.insert(*way));
                ways.reverse();
                choices.push(Choice::Entry {
                    folder,
                    name: name.clone(),
                    ways,
                });
            }
        }
        for (&file, blocks) in self
            .files
            .iter()
            .filter(|(_, blocks)| !blocks.under_way.is_empty())
        {
            choices.push(Choice::Data {
                file,
                ways: blocks.ways(),
            });
        }
        choices
    }

    fn tree(&self, choices: &[Choice], pick: &[usize]) -> Tree {
        let mut entries: BTreeMap<_, _> = self
            .folders
            .iter()
            .map(|(node, folder)| (*node, folder.kept.clone()))
            .collect();
        let mut data: BTreeMap<_, _> = self
            .files
            .iter()
            .map(|(node, blocks)| (*node, Rc::new(blocks.kept.clone())))
            .collect();
        for (choice, &way) in choices.iter().zip(pick) {
            match choice {
                Choice::Data { file, ways } => drop(data.insert(*file, ways[way].clone())),
                Choice::Entry { folder, name, ways } => {
                    let entries = entries.entry(*folder).or_default();
                    match ways[way] {
                        Some(node) => drop(entries.insert(name.clone(), node)),
                        None => drop(entries.remove(name)),
                    }
                }
            }
        }
        let mut tree = BTreeMap::new();
        let mut open = vec![(PathBuf::new(), 0)];
        while let Some((path, node)) = open.pop() {
            for (name, node) in &entries[&node] {
                let path = path.join(name);
                tree.insert(path.clone(), data.get(node).cloned());
                if entries.contains_key(node) {
                    open.push((path, *node));
                }
            }
        }
        Tree(tree)
    }

    fn node(&mut self) -> Node {
        self.next += 1;
        self.next
    }

    fn file(&mut self, made: Made) -> &mut Blocks {
        self.files.get_mut(&self.made[&made]).unwrap()
    }

    fn point(&mut self, path: &Path, node: Option<Node>) {
        let folder = self.find(path.parent().unwrap()).unwrap();
        let name = path.file_name().unwrap().to_owned();
        self.folders
            .get_mut(&folder)
            .unwrap()
            .under_way
            .push((name, node));
    }

    /// As the running process sees it.
    fn find(&self, path: &Path) -> Option<Node> {
        path.strip_prefix(&self.root)
            .unwrap()
            .iter()
            .try_fold(0, |node, name| {
                let folder = &self.folders[&node];
                let changed = folder
                    .under_way
                    .iter()
                    .rev()
                    .find(|(other, _)| other == name);
                changed.map_or_else(|| folder.kept.get(name).copied(), |(_, node)| *node)
            })
    }
}

impl Blocks {
    /// Nothing of what is under way, each first part of it, a part that ends within a write, the right length with nothing
    /// in it, the later writes without the first, and all.
    fn ways(&self) -> Vec<Content> {
        let whole: Vec<u8> = [std::slice::from_ref(&self.kept), &self.under_way[..]]
            .concat()
            .concat();
        let (begin, first) = (self.kept.len(), self.under_way[0].len());
        let mut ends = vec![begin, begin + first / 2];
        ends.extend(self.under_way.iter().scan(begin, |end, bytes| {
            *end += bytes.len();
            Some(*end)
        }));
        let zeroed = |range: std::ops::Range<usize>| {
            let mut bytes = whole.clone();
            bytes[range].fill(0);
            bytes
        };
        let holes = [zeroed(begin..whole.len()), zeroed(begin..begin + first)];
        ends.pop();
        ends.into_iter()
            .map(|end| whole[..end].to_vec())
            .chain(holes)
            .chain([whole.clone()])
            .map(Rc::new)
            .collect()
    }
}

impl Tree {
    /// Makes real files of it.
    pub fn write(&self, root: &Path) {
        for (path, content) in &self.0 {
            match content {
                Some(bytes) => fs::write(root.join(path), &**bytes).unwrap(),
                None => fs::create_dir(root.join(path)).unwrap(),
            }
        }
    }

    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
