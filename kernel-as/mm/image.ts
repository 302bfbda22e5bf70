export { imageTableAlloc, imageTableFree } from "./imagetable";
