//! What a file names: its `use` trees and its paths, resolved to where they lead.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Kind, Token, tokens};

/// Something of this crate, as segments from its root, or of another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Own(Vec<String>),
    Foreign(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub line: usize,
    pub target: Target,
}

/// A path as it is written, and in which module.
struct Written {
    line: usize,
    module: Vec<String>,
    /// Whether it begins with `::`.
    foreign: bool,
    segments: Vec<String>,
    /// What a `use` calls it.
    binds: Option<String>,
}

/// Everything that the source of the module `module` names.
pub fn names(module: &[String], source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let mut reader = Reader {
        tokens: &tokens,
        place: 0,
        module: module.to_vec(),
        inline: Vec::new(),
        depth: 0,
        modules: BTreeSet::new(),
        uses: Vec::new(),
        paths: Vec::new(),
    };
    reader.read();
    let Reader { modules, uses, paths, .. } = reader;
    let mut bound = BTreeMap::new();
    // Twice, because one `use` may build on another that stands below it.
    for _ in 0..2 {
        for written in &uses {
            if let (Some(name), Some(target)) = (&written.binds, resolve(written, &modules, &bound)) {
                bound.insert(name.clone(), target);
            }
        }
    }
    let mut named: Vec<Named> = uses
        .iter()
        .chain(&paths)
        .filter_map(|written| Some(Named { line: written.line, target: resolve(written, &modules, &bound)? }))
        .collect();
    named.sort();
    named.dedup();
    named
}

const PRIMITIVES: &[&str] = &[
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64",
];

fn resolve(
    written: &Written,
    modules: &BTreeSet<Vec<String>>,
    bound: &BTreeMap<String, Target>,
) -> Option<Target> {
    let (first, rest) = written.segments.split_first()?;
    if written.foreign {
        return Some(Target::Foreign(written.segments.clone()));
    }
    let child: Vec<String> = written.module.iter().chain([first]).cloned().collect();
    match first.as_str() {
        "crate" | "chatconnect" => Some(Target::Own(rest.to_vec())),
        "self" | "super" => {
            let mut path = written.module.clone();
            let mut segments = written.segments.as_slice();
            while let Some((first, rest)) = segments.split_first() {
                match first.as_str() {
                    "self" => {}
                    "super" => drop(path.pop()),
                    _ => break,
                }
                segments = rest;
            }
            path.extend_from_slice(segments);
            Some(Target::Own(path))
        }
        _ if modules.contains(&child) => Some(Target::Own([child.as_slice(), rest].concat())),
        name if written.binds.as_deref() != Some(name) && bound.contains_key(name) => {
            let extend = |path: &[String]| [path, rest].concat();
            Some(match &bound[name] {
                Target::Own(path) => Target::Own(extend(path)),
                Target::Foreign(path) => Target::Foreign(extend(path)),
            })
        }
        // A type: it is either from here or was brought in by a `use`.
        name if name.starts_with(char::is_uppercase) || PRIMITIVES.contains(&name) => None,
        _ => Some(Target::Foreign(written.segments.clone())),
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    place: usize,
    module: Vec<String>,
    /// At which depth of braces each module inside the file began.
    inline: Vec<usize>,
    depth: usize,
    modules: BTreeSet<Vec<String>>,
    uses: Vec<Written>,
    paths: Vec<Written>,
}

impl Reader<'_> {
    fn name(&self, ahead: usize) -> Option<&str> {
        self.tokens.get(self.place + ahead).and_then(Token::name)
    }

    fn is_mark(&self, ahead: usize, mark: char) -> bool {
        self.tokens.get(self.place + ahead).is_some_and(|token| token.is_mark(mark))
    }

    fn is_sep(&self, ahead: usize) -> bool {
        self.tokens.get(self.place + ahead).is_some_and(|token| token.kind == Kind::PathSep)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.place).map_or(0, |token| token.line)
    }

    fn before(&self, back: usize) -> Option<&Token> {
        self.place.checked_sub(back).map(|place| &self.tokens[place])
    }

    fn read(&mut self) {
        while self.place < self.tokens.len() {
            match self.name(0) {
                // `use<'a>` in a type names no path.
                Some("use") if !self.is_mark(1, '<') => {
                    self.place += 1;
                    let foreign = self.leading_sep();
                    self.tree(foreign, &mut Vec::new());
                }
                Some("mod") if self.name(1).is_some() => self.begin_module(),
                Some("extern") if self.name(1) == Some("crate") => {
                    let segments = self.name(2).map(str::to_owned).into_iter().collect();
                    self.paths.push(self.written(true, segments));
                    self.place += 3;
                }
                Some(_) if self.is_sep(1) => self.path(),
                Some(_) => self.place += 1,
                None => self.mark(),
            }
        }
    }

    fn mark(&mut self) {
        if self.is_mark(0, '{') {
            self.depth += 1;
        } else if self.is_mark(0, '}') {
            self.depth = self.depth.saturating_sub(1);
            if self.inline.last() == Some(&self.depth) {
                self.inline.pop();
                self.module.pop();
            }
        }
        self.place += 1;
    }

    fn begin_module(&mut self) {
        let name = self.name(1).unwrap_or_default().to_owned();
        let mut path = self.module.clone();
        path.push(name);
        self.modules.insert(path.clone());
        if self.is_mark(2, '{') {
            self.module = path;
            self.inline.push(self.depth);
        }
        self.place += 2;
    }

    fn leading_sep(&mut self) -> bool {
        let leads = self.is_sep(0);
        self.place += usize::from(leads);
        leads
    }

    fn written(&self, foreign: bool, segments: Vec<String>) -> Written {
        Written { line: self.line(), module: self.module.clone(), foreign, segments, binds: None }
    }

    /// One tree of a `use`, up to its `,`, `}` or `;`.
    fn tree(&mut self, foreign: bool, prefix: &mut Vec<String>) {
        let begun = prefix.len();
        while let Some(name) = self.name(0).map(str::to_owned) {
            prefix.push(name);
            self.place += 1;
            if !self.leading_sep() {
                break;
            }
        }
        if self.is_mark(0, '{') {
            self.place += 1;
            while self.place < self.tokens.len() && !self.is_mark(0, '}') {
                self.tree(foreign, prefix);
                self.place += usize::from(self.is_mark(0, ','));
            }
            self.place += 1;
        } else {
            self.leaf(foreign, prefix.clone());
        }
        prefix.truncate(begun);
    }

    fn leaf(&mut self, foreign: bool, mut segments: Vec<String>) {
        if self.is_mark(0, '*') {
            segments.push("*".to_owned());
            self.place += 1;
        }
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let mut binds = segments.last().cloned();
        if self.name(0) == Some("as") {
            binds = self.name(1).map(str::to_owned);
            self.place += 2;
        }
        let written = self.written(foreign, segments);
        // Whatever stands here instead of the end of a tree, the reader must get on.
        if !(self.is_mark(0, ',') || self.is_mark(0, '}') || self.is_mark(0, ';')) {
            self.place += 1;
        }
        self.uses.push(Written { binds, ..written });
    }

    /// A path outside of `use`: `a::b`, `::a::b`, but not the rest of `<T>::a::b`, of `x.a::<T>()` or `a::<T>()`.
    fn path(&mut self) {
        let before = self.before(1);
        let (dot, dollar) =
            (before.is_some_and(|token| token.is_mark('.')), before.is_some_and(|token| token.is_mark('$')));
        let after_sep = before.is_some_and(|token| token.kind == Kind::PathSep);
        let continues =
            after_sep && self.before(2).is_some_and(|token| token.name().is_some() || token.is_mark('>'));
        let skip = dot || continues || (dollar && self.name(0) != Some("crate"));
        let mut segments = Vec::new();
        let line = self.line();
        while let Some(name) = self.name(0).map(str::to_owned) {
            segments.push(name);
            self.place += 1;
            if !(self.is_sep(0) && self.name(1).is_some()) {
                break;
            }
            self.place += 1;
        }
        if !skip && segments.len() > 1 {
            let written = self.written(after_sep, segments);
            self.paths.push(Written { line, ..written });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(module: &str, source: &str) -> Vec<String> {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        let mut found: Vec<String> = names(&module, source)
            .into_iter()
            .map(|named| match named.target {
                Target::Own(path) => format!("crate::{}", path.join("::")),
                Target::Foreign(path) => path.join("::"),
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn groups_aliases_globs_and_self_are_followed() {
        let source = "use a::{b, c::{self, d as e, f::*}};\npub(crate) use crate::g;\nuse ::h::i;";
        assert_eq!(of("m", source), ["a::b", "a::c", "a::c::d", "a::c::f::*", "crate::g", "h::i"]);
    }

    #[test]
    fn relative_paths_lead_where_the_compiler_goes() {
        let source = "use super::x; use self::y::Z; mod kept; use kept::K; fn f() { super::super::w::v() }";
        assert_eq!(
            of("a::b", source),
            ["crate::a::b::kept::K", "crate::a::b::y::Z", "crate::a::x", "crate::w::v"]
        );
        let source = "mod tests { use super::*; mod deep { use super::super::x; } } use super::y;";
        assert_eq!(of("a::b", source), ["crate::a::b::*", "crate::a::b::x", "crate::a::y"]);
    }

    #[test]
    fn paths_follow_what_a_use_brought_in() {
        let source = "use crate::domain as d; use other::thing; fn f() { d::usecases::X::new(); thing::g() }";
        let expected =
            ["crate::domain", "crate::domain::usecases::X::new", "other::thing", "other::thing::g"];
        assert_eq!(of("m", source), expected);
    }

    #[test]
    fn what_only_looks_like_a_path_is_none() {
        let source = "fn f<'a>(x: impl Sized + use<'a>) { x.collect::<Vec<u8>>(); any::<u8>(); u8::from(1); Vec::<u8>::new(); \
                      <T as Into<U>>::into::y(x); $name::z() }";
        assert!(of("m", source).is_empty(), "{:?}", of("m", source));
    }

    #[test]
    fn attributes_macros_and_types_are_read_too() {
        let source = "#[derive(p::Q)] struct S { s: r::T } fn f() { t::u!(v::w); <x::Y as z::Z>::n() } \
                      extern crate e; macro_rules! m { () => { $crate::k::l } }";
        assert_eq!(of("m", source), ["crate::k::l", "e", "p::Q", "r::T", "t::u", "v::w", "x::Y", "z::Z"]);
    }
}
