import type { Field } from "./fields";

const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/** Deeper structures than any writer makes. */
const DEEPEST = 12;
/** More lines than anyone reads. */
const MOST_FIELDS = 2000;

/** The properties of an XMP packet (ISO 16684-1), one line each; nested names are joined by slashes. */
export function xmpFields(packet: Document): Field[] {
  const fields: Field[] = [];
  if (packet.querySelector("parsererror")) return [{ name: "XMP", value: "is no well-formed XML" }];
  for (const description of packet.getElementsByTagNameNS(RDF, "Description")) {
    if (!isNested(description)) collect(description, "", fields, 0);
  }
  return fields;
}

/** Whether a description is the value of a property, which tells of it. */
function isNested(description: Element): boolean {
  return description.parentElement !== null && !(description.parentElement.namespaceURI === RDF && description.parentElement.localName === "RDF");
}

function collect(node: Element, path: string, fields: Field[], depth: number): void {
  if (depth > DEEPEST || fields.length >= MOST_FIELDS) return;
  for (const { name, value, namespaceURI, prefix } of node.attributes) {
    const isOwn = namespaceURI !== null && namespaceURI !== RDF && prefix !== "xmlns" && prefix !== "xml";
    if (isOwn && fields.length < MOST_FIELDS) fields.push({ name: joined(path, name), value });
  }
  for (const child of node.children) property(child, joined(path, child.nodeName), fields, depth);
}

function property(node: Element, path: string, fields: Field[], depth: number): void {
  const [first] = node.children;
  if (!first) {
    const value = node.getAttributeNS(RDF, "resource") ?? node.textContent.trim();
    if (value !== "") fields.push({ name: path, value });
    collect(node, path, fields, depth + 1);
  } else if (first.namespaceURI === RDF && ["Bag", "Seq", "Alt"].includes(first.localName)) {
    items(first, path, fields, depth);
  } else if (first.namespaceURI === RDF && first.localName === "Description") {
    collect(first, path, fields, depth + 1);
  } else {
    collect(node, path, fields, depth + 1);
  }
}

/** A list of texts is one line; structures in it have lines of their own. */
function items(list: Element, path: string, fields: Field[], depth: number): void {
  const all = [...list.children];
  if (all.every((each) => each.children.length === 0 && [...each.attributes].every(({ namespaceURI, prefix }) => namespaceURI === RDF || prefix === "xml"))) {
    const texts = all.map((each) => `${each.textContent.trim()}${languageOf(each)}`);
    if (texts.length > 0) fields.push({ name: path, value: texts.join("; ") });
    return;
  }
  for (const [index, each] of all.entries()) property(each, `${path}[${index + 1}]`, fields, depth + 1);
}

function languageOf(item: Element): string {
  const language = item.getAttribute("xml:lang");
  return language === null || language === "x-default" ? "" : ` (${language})`;
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}
