/** The files that the page's address asks for, as `?src=` of the same origin, once for each; `refused` are those that it does not open. */
export async function askedFor(address: URL): Promise<{ files: File[]; refused: string[] }> {
  const files: File[] = [];
  const refused: string[] = [];
  for (const text of address.searchParams.getAll("src")) {
    const url = URL.canParse(text, address) ? new URL(text, address) : undefined;
    if (url?.origin !== address.origin) {
      refused.push(`${text} is not on this page’s server`);
      continue;
    }
    try {
      const response = await fetch(url);
      if (response.ok) files.push(new File([await response.blob()], nameOf(url)));
      else refused.push(`${text} cannot be had (${response.status})`);
    } catch {
      refused.push(`${text} cannot be had`);
    }
  }
  return { files, refused };
}

function nameOf({ pathname }: URL): string {
  const last = pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
