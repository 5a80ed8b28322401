// picgo.js SETTINGS FILE: uploads a file with PicGo and its plugin web-uploader, as the npm packages are, with the settings that the server made
// for them; prints the link.
const fs = require("fs");
const os = require("os");
const path = require("path");
const { PicGo } = require("picgo");

async function main(settings, file) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "picgo-"));
    const config = path.join(folder, "config.json");
    const uploader = JSON.parse(fs.readFileSync(settings));
    fs.writeFileSync(config, JSON.stringify({ picBed: { current: "web-uploader", uploader: "web-uploader", "web-uploader": uploader }, silent: true }));
    const picgo = new PicGo(config);
    picgo.use(require("picgo-plugin-web-uploader"), "web-uploader");
    const uploaded = await picgo.upload([file]);
    fs.rmSync(folder, { recursive: true });
    if (!Array.isArray(uploaded)) throw uploaded;
    console.log(uploaded[0].imgUrl);
}

main(...process.argv.slice(2)).catch((error) => {
    console.error(error);
    process.exit(1);
});
