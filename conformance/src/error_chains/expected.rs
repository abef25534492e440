use super::{Core, ErrorChain, Layer};
use crate::{
    chain::{Chain, HyperLink, IoKind, Link},
    error_catalog::CatalogEntry,
    stacks::Enclosure,
    vocabulary::StackName,
};
use std::io::ErrorKind;

/// Which stacks' types a reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownTypes {
    /// Those of the stack that the error chain is realised for.
    Own,
    /// Those of both.
    Both,
}

/// The errors of an error chain, innermost first.
struct Nodes(Vec<Node>);

struct Node {
    link: Link,
    /// The next error by `source()`.
    source: Next,
    /// The next error for a reader that opens all that it can.
    inside: Next,
    /// The next error for a reader that opens only what it must.
    named: Next,
    /// The stack whose hyper recognises it as the mark of a timeout.
    marks_timeout: Option<StackName>,
}

/// The error that comes after another.
#[derive(Clone, Copy)]
enum Next {
    /// The wrapped error.
    Inner,
    /// The source of the wrapped error, which itself is skipped.
    SourceOfInner,
    /// The same error again.
    Itself,
    /// Nothing.
    Nothing,
}

impl ErrorChain {
    /// The links that a reader must see on this stack; `None` if the stack does not have the entry.
    pub fn chain(&self, stack: StackName, known_types: KnownTypes) -> Option<Chain> {
        Some(self.nodes(stack, known_types)?.read(|node| node.inside))
    }

    /// The links that are left for a reader that only follows `source()`; `None` as in [`ErrorChain::chain`].
    pub fn chain_by_sources(&self, stack: StackName, known_types: KnownTypes) -> Option<Chain> {
        Some(self.nodes(stack, known_types)?.read(|node| node.source))
    }

    /// The links that are left for a reader that opens `io::Error`, and `Arc` and `Box` of the stacks' own errors, but
    /// no other `Arc` or `Box`. No classifier has to open more.
    pub fn chain_as_named(&self, stack: StackName, known_types: KnownTypes) -> Option<Chain> {
        Some(self.nodes(stack, known_types)?.read(|node| node.named))
    }

    fn nodes(&self, stack: StackName, known_types: KnownTypes) -> Option<Nodes> {
        let known = |of: StackName| of == stack || known_types == KnownTypes::Both;
        let mut nodes = match self.core {
            Core::Own(entry) => Nodes::entry(entry, stack, true)?,
            Core::Foreign(entry) => Nodes::entry(entry, stack.other(), known(stack.other()))?,
            Core::Endless => Nodes(vec![Node::new(Link::Other, Next::Itself, Next::Itself)]),
        };
        for layer in self.layers.iter().rev() {
            match *layer {
                Layer::Enclosed(enclosure) => nodes.enclose(enclosure, stack, known(stack)),
                Layer::ForeignEnclosed(enclosure) => nodes.enclose(enclosure, stack.other(), known(stack.other())),
                layer => nodes.put_around(layer),
            }
        }
        Some(nodes)
    }
}

impl Node {
    fn new(link: Link, source: Next, inside: Next) -> Node {
        Node { link, source, inside, named: inside, marks_timeout: None }
    }
}

impl Nodes {
    fn entry(entry: &CatalogEntry, of: StackName, known: bool) -> Option<Nodes> {
        let links = entry.on(of).ok()?;
        let node = |link: &Link| match link {
            Link::Pool { .. } | Link::Hyper(_) if known => Node::new(link.clone(), Next::Inner, Next::Inner),
            Link::Pool { .. } | Link::Hyper(_) => Node::new(Link::Foreign, Next::Inner, Next::Inner),
            // h2's error has no source; only a reader that knows its type can get the error inside.
            Link::H2(_) if known => Node::new(link.clone(), Next::Nothing, Next::Inner),
            Link::H2(_) => Node::new(Link::Foreign, Next::Nothing, Next::Nothing),
            Link::Io(_) => Node::new(link.clone(), Next::SourceOfInner, Next::Inner),
            Link::Elapsed | Link::Foreign | Link::Other => Node::new(link.clone(), Next::Inner, Next::Inner),
        };
        let mut nodes: Vec<Node> = links.iter().rev().map(node).collect();
        let timeout = links.iter().any(|link| matches!(link, Link::Hyper(HyperLink { timeout: true, .. })));
        nodes[0].marks_timeout = timeout.then_some(of);
        Some(Nodes(nodes))
    }

    fn put_around(&mut self, layer: Layer) {
        let node = |source, inside| Node::new(Link::Other, source, inside);
        // The type of a `Box` can be named only if the type of its content can.
        let held = self.0.last().map(|node| &node.link);
        let nameable = held.is_some_and(|link| *link != Link::Other);
        let of_a_stack = matches!(held, Some(Link::Pool { .. } | Link::Hyper(_) | Link::H2(_) | Link::Foreign));
        let named = if of_a_stack { Next::Inner } else { Next::SourceOfInner };
        self.0.extend((0..layer.depth()).map(|_| match layer {
            Layer::Io(failure) => {
                Node { link: Link::Io(IoKind(failure.kind())), ..node(Next::SourceOfInner, Next::Inner) }
            }
            Layer::Arc => Node { named, ..node(Next::SourceOfInner, Next::Inner) },
            Layer::Box if nameable => Node { named, ..node(Next::SourceOfInner, Next::Inner) },
            Layer::Box | Layer::Transparent => node(Next::SourceOfInner, Next::SourceOfInner),
            Layer::Hidden => node(Next::Nothing, Next::Nothing),
            _ => node(Next::Inner, Next::Inner),
        }));
    }

    fn enclose(&mut self, enclosure: Enclosure, of: StackName, known: bool) {
        if enclosure == Enclosure::Read && !matches!(self.0.last(), Some(Node { link: Link::Io(_), .. })) {
            let other = Link::Io(IoKind(ErrorKind::Other));
            self.0.push(Node::new(other, Next::SourceOfInner, Next::Inner));
        }
        // hyper looks for its mark of a timeout along all sources.
        let timeout = self.sources().any(|node| node.marks_timeout == Some(of));
        let link = match enclosure {
            Enclosure::Connect => Link::Pool { connect: true },
            Enclosure::RequestBody => Link::Hyper(HyperLink { user: true, timeout, ..HyperLink::default() }),
            Enclosure::Read => Link::Hyper(HyperLink { timeout, ..HyperLink::default() }),
        };
        self.0.push(Node::new(if known { link } else { Link::Foreign }, Next::Inner, Next::Inner));
    }

    /// The outermost error and its sources.
    fn sources(&self) -> impl Iterator<Item = &Node> {
        let outermost = self.0.len().checked_sub(1);
        let sources = std::iter::successors(outermost, |index| self.after(*index, self.0[*index].source));
        // An error that is its own source would repeat for ever without this limit.
        sources.take(self.0.len()).map(|index| &self.0[index])
    }

    fn after(&self, index: usize, next: Next) -> Option<usize> {
        match next {
            Next::Inner => index.checked_sub(1),
            Next::SourceOfInner => {
                let inner = index.checked_sub(1)?;
                self.after(inner, self.0[inner].source)
            }
            Next::Itself => Some(index),
            Next::Nothing => None,
        }
    }

    fn read(&self, next: impl Fn(&Node) -> Next) -> Chain {
        let outermost = self.0.len().checked_sub(1);
        let indices = std::iter::successors(outermost, |index| self.after(*index, next(&self.0[*index])));
        let mut links = indices.map(|index| self.0[index].link.clone());
        let read = links.by_ref().take(Chain::READING_LIMIT).collect();
        Chain { links: read, cut: links.next().is_some() }
    }
}
