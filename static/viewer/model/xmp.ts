import { DOMParser, type Element, onErrorStopParsing } from "@xmldom/xmldom";
import type { Field } from "./fields";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/** Deeper structures than any writer makes. */
const DEEPEST = 12;
/** More lines than anyone reads. */
const MOST_FIELDS = 2000;
const ELEMENT = 1;

/**
 * The properties of an XMP packet (ISO 16684-1), one line each; nested names are joined by slashes.
 *
 * @throws Error where the packet is no well-formed XML.
 */
export function xmpFields(packet: string): Field[] {
  const fields: Field[] = [];
  const parsed = new DOMParser({ onError: onErrorStopParsing }).parseFromString(packet, "application/xml");
  for (const description of parsed.getElementsByTagNameNS(RDF, "Description")) {
    if (!isNested(description)) collect(description, "", fields, 0);
  }
  return fields;
}

/** Whether a description is the value of a property, which tells of it. */
function isNested({ parentNode: parent }: Element): boolean {
  return parent !== null && !(parent.namespaceURI === RDF && parent.localName === "RDF");
}

function collect(node: Element, path: string, fields: Field[], depth: number): void {
  if (depth > DEEPEST || fields.length >= MOST_FIELDS) return;
  for (const { name, value, namespaceURI, prefix } of node.attributes) {
    const isOwn = namespaceURI !== null && namespaceURI !== RDF && prefix !== "xmlns" && prefix !== "xml";
    if (isOwn && fields.length < MOST_FIELDS) fields.push({ name: joined(path, name), value });
  }
  for (const child of children(node)) property(child, joined(path, child.nodeName), fields, depth);
}

function property(node: Element, path: string, fields: Field[], depth: number): void {
  if (fields.length >= MOST_FIELDS) return;
  const [first] = children(node);
  if (!first) {
    const value = node.getAttributeNS(RDF, "resource") ?? text(node);
    if (value !== "") fields.push({ name: path, value });
    collect(node, path, fields, depth + 1);
  } else if (first.namespaceURI === RDF && ["Bag", "Seq", "Alt"].includes(first.localName ?? "")) {
    items(first, path, fields, depth);
  } else if (first.namespaceURI === RDF && first.localName === "Description") {
    collect(first, path, fields, depth + 1);
  } else {
    collect(node, path, fields, depth + 1);
  }
}

/** A list of texts is one line; structures in it have lines of their own. */
function items(list: Element, path: string, fields: Field[], depth: number): void {
  const all = children(list);
  if (depth > DEEPEST) return;
  if (all.every(isText)) {
    const texts = all.map((each) => `${text(each)}${languageOf(each)}`);
    if (texts.length > 0) fields.push({ name: path, value: texts.join("; ") });
    return;
  }
  for (const [index, each] of all.entries()) property(each, `${path}[${index + 1}]`, fields, depth + 1);
}

function isText(item: Element): boolean {
  return children(item).length === 0 && [...item.attributes].every(({ namespaceURI, prefix }) => namespaceURI === RDF || prefix === "xml");
}

function languageOf(item: Element): string {
  const language = item.getAttribute("xml:lang");
  return language === null || language === "x-default" ? "" : ` (${language})`;
}

function children(node: Element): Element[] {
  return [...node.childNodes].filter((each): each is Element => each.nodeType === ELEMENT);
}

function text(node: Element): string {
  return (node.textContent ?? "").trim();
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}
