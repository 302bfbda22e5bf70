import { describe, expect, it } from "vitest";
import { controlled } from "./keybar.ts";
import { commandLink, linkCommand } from "./link.ts";

describe("the command of a link", () => {
  it.each([
    ["#c=ls%20/bin", { command: "ls /bin" }],
    ["#c=echo+a%2Bb", { command: "echo a+b" }],
    ["#c=a%0D%0Ab%0A", { command: "a\nb" }],
    ["#c=", null],
    ["#c=%20", null],
    ["", null],
    ["#other", null],
    ["#c=%E9", { refused: "The link's command is not well-formed." }],
    ["#c=ls%1b%5bA", { refused: "The link's command has invisible characters in it." }],
    ["#c=ls%E2%80%AE", { refused: "The link's command has invisible characters in it." }],
    [`#c=${"x".repeat(1001)}`, { refused: "The link's command is too long." }],
  ])("%s", (hash, found) => expect(linkCommand(hash)).toEqual(found));

  it("comes back from the link that is made of it", () => {
    const command = "echo 'a b' | sort > /tmp/x # 100%";
    const link = commandLink("https://quire.test/?ram=64M#c=old", command);
    expect(linkCommand(new URL(link).hash)).toEqual({ command });
    expect(link).toMatch(/^https:\/\/quire\.test\/\?ram=64M#c=/);
  });
});

describe("Ctrl with a key", () => {
  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["[", "\x1b"],
    ["?", "\x7f"],
    [" ", "\0"],
    ["5", "5"],
    ["é", "é"],
  ])("%s", (key, made) => expect(controlled(key)).toBe(made));
});
