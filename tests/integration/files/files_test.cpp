// Stored files through the API, held against exiftool, GDAL, coreutils and a stand-in for clamd.
#include "programme/dictionary/dictionary.hpp"
#include "programme/files/media.hpp"
#include "tests/integration/files/support.hpp"

#include <thread>

namespace files_test {
namespace {

using programme::files::Config;

TEST_F(FilesTest, TheContentSaysWhatAFileIsAndNameAndDeclarationMustAgree) {
    auto const who = owner_of(producer(0));
    auto const jpeg = picture(folder, "JPEG"), png = picture(folder, "PNG", 300, 200, 2), webp = picture(folder, "WEBP", 300, 200, 3);
    auto const pdf = folder / "a.pdf", xlsx = folder / "a.xlsx", docx = folder / "a.docx";
    tool({"gdal_translate", "-q", "-of", "PDF", png, pdf});
    write(folder / "a.csv", "ten,so\nKeo dua,1\n");
    tool({"ogr2ogr", "-f", "XLSX", xlsx, folder / "a.csv"});
    tool({"python3", "-c",
          "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w')\nz.writestr('[Content_Types].xml','<?xml version=\"1.0\"?><Types "
          "xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>')\nz.writestr('_rels/.rels','<Relationships/>')\n"
          "z.writestr('word/document.xml','<w:document xmlns:w=\"x\"/>')\nz.close()",
          docx});
    for (auto const& [file, name, type, is] : std::vector<std::array<std::string, 4>>{
             {jpeg, "a.jpg", "image/jpeg", "image/jpeg"},
             {png, "a.PNG", "", "image/png"},
             {webp, "", "application/octet-stream", "image/webp"},
             {pdf, "a.pdf", "application/pdf", "application/pdf"},
             {xlsx, "a.xlsx", "", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
             {docx, "a.docx", "", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}}) {
        auto const response = upload(who, file, name, type);
        ASSERT_EQ(response.status, 201) << file << text(response);
        auto const said = read(response);
        EXPECT_EQ(said.at("media_type"), is);
        EXPECT_EQ(said.at("sha256"), sha256sum(file));
        EXPECT_EQ(said.at("bytes"), fs::file_size(file));
        EXPECT_EQ(upload(who, file, name, type).status, 200) << "the same again";
        EXPECT_EQ(text(send(who, "GET", "/api/files/" + sha256sum(file))), bytes_of(file));
    }
    write(folder / "page.html", "<!DOCTYPE html><html><script>alert(1)</script></html>");
    write(folder / "drawing.svg", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>");
    write(folder / "script", "#!/bin/sh\nrm -rf /\n");
    write(folder / "text.jpg", "no picture at all");
    tool({"python3", "-c", "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w')\nz.writestr('../../evil','x')\nz.close()", folder / "a.zip"});
    write(folder / "nothing", "");
    struct Case {
        std::string file, name, type;
        int status;
        std::string says;
    };
    for (auto const& one : std::vector<Case>{{folder / "page.html", "a.jpg", "image/jpeg", 415, "text/html"},
                                             {folder / "drawing.svg", "", "", 415, "image/svg+xml"},
                                             {folder / "script", "", "", 415, "text/x-shellscript"},
                                             {folder / "text.jpg", "text.jpg", "image/jpeg", 415, "text/plain"},
                                             {folder / "a.zip", "a.docx", "", 415, "application/zip"},
                                             {"/bin/true", "", "", 415, "application/x-"},
                                             {png, "a.png", "image/jpeg", 415, "declared as image/jpeg and is image/png"},
                                             {png, "a.jpg", "", 415, "ends with .jpg and the file is image/png"},
                                             {jpeg, "a.exe", "", 415, "ends with .exe and the file is image/jpeg"},
                                             {folder / "nothing", "", "", 400, "empty"}}) {
        auto const response = upload(who, one.file, one.name, one.type);
        EXPECT_EQ(response.status, one.status) << one.file;
        EXPECT_THAT(text(response), HasSubstr(one.says)) << one.file;
    }
    EXPECT_EQ(database.value("SELECT count(*) FROM files.holding"), "6") << "nothing of what was refused";
}

TEST_F(FilesTest, WhereAndWhenStayWithTheOriginalAndTheCopiesHaveNeither) {
    auto const who = owner_of(producer(0));
    auto const file = picture(folder, "JPEG", 3000, 1000);
    put_exif(file, 106.375123, 10.241987, "2026:11:20 08:30:15", 6);  // lies on its side
    auto const sha256 = stored(who, file);
    auto const facts = read(send(who, "GET", "/api/files/" + sha256 + "/facts"));
    EXPECT_EQ(facts.at("taken_at"), "2026-11-20T08:30:15");
    EXPECT_NEAR(facts.at("position").at("coordinates").at(0).get<double>(), 106.375123, 1e-6);
    EXPECT_NEAR(facts.at("position").at("coordinates").at(1).get<double>(), 10.241987, 1e-6);
    EXPECT_EQ(facts.at("width"), 1000);
    EXPECT_EQ(facts.at("height"), 3000);

    write(folder / "back.jpg", text(send(who, "GET", "/api/files/" + sha256)));
    auto const original = exif(folder / "back.jpg");
    EXPECT_NEAR(original.at("GPSLatitude").get<double>(), 10.241987, 1e-6);
    EXPECT_EQ(original.at("Artist"), "Nguyen Van Bi Mat");
    for (auto const& [address, type, width, height] : std::vector<std::tuple<std::string, std::string, int, int>>{
             {"/public", "image/jpeg", 853, 2560}, {"/thumb?w=1280", "image/webp", 427, 1280}, {"/thumb?w=320", "image/webp", 107, 320}, {"/thumb", "image/webp", 107, 320}}) {
        auto const response = send(who, "GET", "/api/files/" + sha256 + address);
        ASSERT_EQ(response.status, 200) << text(response);
        EXPECT_EQ(header(response, "Content-Type"), type);
        write(folder / "copy", text(response));
        auto const copy = exif(folder / "copy");
        EXPECT_EQ(copy.at("ImageWidth"), width) << address;
        EXPECT_EQ(copy.at("ImageHeight"), height) << address;
        for (auto const* tag : {"GPSLatitude", "GPSLongitude", "DateTimeOriginal", "Make", "Artist"}) EXPECT_FALSE(copy.contains(tag)) << address << tag;
        EXPECT_EQ(copy.value("Orientation", 1), 1) << "upright";
        EXPECT_THAT(bytes_of(folder / "copy"), testing::Not(HasSubstr("Bi Mat")));
    }
    EXPECT_EQ(send(who, "GET", "/api/files/" + sha256 + "/thumb?w=99").status, 400);
}

TEST_F(FilesTest, AFileIsSeenByWhoBroughtItAndByWhoSeesARowThatNamesIt) {
    auto const here = producer(0), elsewhere = producer(1), product = product_of(here);
    auto const commune = [&](long long of) {
        return database.value(fmt::format("SELECT u.code FROM ocop.producer p JOIN geo.lineage_unit l USING (lineage_key) JOIN geo.admin_unit u ON u.unit_key = l.unit_key WHERE "
                                          "p.producer_key = {} AND u.level = 'commune' AND u.valid_to IS NULL",
                                          of));
    };
    ASSERT_NE(commune(here), commune(elsewhere));
    auto const owner = owner_of(here), other = owner_of(elsewhere);
    auto const officer = test_support::sign_in(api, "can.bo.day", "R04", commune(here)), stranger = test_support::sign_in(api, "can.bo.kia", "R04", commune(elsewhere)),
               province = test_support::sign_in(api, "can.bo.tinh", "R08", "86"), administrator = test_support::sign_in(api, "quan.tri", "R16");
    auto const photo = stored(owner, picture(folder, "JPEG", 640, 480, 1)), secret = stored(owner, picture(folder, "JPEG", 640, 480, 2));
    auto const at = [](std::string const& hash, std::string const& rest = {}) { return "/api/files/" + hash + rest; };

    // Named by nothing: its bringer's alone.
    EXPECT_EQ(send(owner, "GET", at(photo)).status, 200);
    for (auto const& who : {other, officer, stranger, province, administrator}) {
        EXPECT_EQ(send(who, "GET", at(photo)).status, 404);
        EXPECT_EQ(send(who, "GET", at(photo, "/facts")).status, 404);
        EXPECT_EQ(send(who, "GET", at(photo, "/thumb")).status, 404);
    }
    EXPECT_EQ(api.call("GET", at(photo)).status, 401);
    EXPECT_EQ(api.call("GET", at(photo, "/public")).status, 404);

    // Who has learned the hash cannot make it his own by naming it.
    auto const stolen = name_in(other, product_of(elsewhere), {{"photo_file", photo}});
    EXPECT_EQ(stolen.status, 400) << text(stolen);
    EXPECT_THAT(text(stolen), HasSubstr("photo_file names a file that does not exist"));
    EXPECT_EQ(name_in(owner, product, {{"photo_file", std::string(64, 'a')}}).status, 400) << "there is no such file";

    // Named by a published product: its territory and the province see the original, everybody the copies.
    auto const named = name_in(owner, product, {{"photo_file", photo}});
    ASSERT_EQ(named.status, 200) << text(named);
    EXPECT_EQ(send(officer, "GET", at(photo)).status, 200);
    EXPECT_EQ(send(province, "GET", at(photo)).status, 200);
    EXPECT_EQ(send(stranger, "GET", at(photo)).status, 404);
    EXPECT_EQ(send(other, "GET", at(photo)).status, 404);
    EXPECT_EQ(send(administrator, "GET", at(photo)).status, 404);
    EXPECT_EQ(api.call("GET", at(photo)).status, 401);
    EXPECT_EQ(api.call("GET", at(photo, "/public")).status, 200);
    EXPECT_EQ(api.call("GET", at(photo, "/thumb?w=1280")).status, 200);
    EXPECT_EQ(api.call("GET", at(secret, "/public")).status, 404);
    EXPECT_EQ(name_in(officer, product, {{"label_file", photo}}).status, 200) << "an officer may name what a row shows him";

    // Opening what another one brought is on record.
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry WHERE action = 'read' AND object = 'files.file' AND row_key = '" + photo + "'"), "2");
    EXPECT_EQ(database.value("SELECT count(*) FROM audit.entry WHERE action = 'read' AND account_key = (SELECT account_key FROM auth.account WHERE login = 'can.bo.day')"), "1");

    // A field that is not public, and a product that is no longer.
    auto const year = number(fmt::format("SELECT min(business_year_key) FROM ocop.business_year WHERE producer_key = {}", here));
    auto const address = fmt::format("/api/records/business-years/{}", year);
    auto const etag = header(send(owner, "GET", address), "ETag");
    auto const report = send(owner, "PATCH", address, gis_core::to_text(Json{{"financial_report_file", secret}}), {{"Content-Type", "application/json"}, {"If-Match", etag}});
    ASSERT_EQ(report.status, 200) << text(report);
    EXPECT_EQ(send(officer, "GET", at(secret)).status, 200);
    EXPECT_EQ(send(stranger, "GET", at(secret)).status, 404);
    EXPECT_EQ(api.call("GET", at(secret, "/public")).status, 404);
    database.execute(fmt::format("UPDATE ocop.product SET publish_status = 'hidden' WHERE product_key = {}", product));
    EXPECT_EQ(api.call("GET", at(photo, "/public")).status, 404);
    EXPECT_EQ(send(officer, "GET", at(photo, "/public")).status, 200);
}

TEST_F(FilesTest, AnswersCannotBeMistakenForPagesAndGiveRanges) {
    auto const who = owner_of(producer(0));
    auto const file = picture(folder, "PNG");
    auto const response = upload(who, file, "..%2F..%2Fetc%2F%E1%BA%A2nh%20%22d%E1%BB%ABa%22%0D%0A.png");
    ASSERT_EQ(response.status, 201) << text(response);
    EXPECT_EQ(read(response).at("name"), "Ảnh \"dừa\".png");
    auto const address = "/api/files/" + sha256sum(file);
    auto const whole = send(who, "GET", address);
    EXPECT_EQ(header(whole, "Content-Type"), "image/png");
    EXPECT_EQ(header(whole, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(header(whole, "Content-Disposition"), "inline; filename=\"_nh _d_a_.png\"; filename*=UTF-8''%E1%BA%A2nh%20%22d%E1%BB%ABa%22.png");
    EXPECT_THAT(header(whole, "Content-Security-Policy"), HasSubstr("sandbox"));
    EXPECT_EQ(header(whole, "Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(header(whole, "Cache-Control"), "private, no-cache");
    auto const etag = header(whole, "ETag");
    EXPECT_EQ(etag, "\"" + sha256sum(file) + "\"");
    EXPECT_EQ(send(who, "GET", address, "", {{"If-None-Match", etag}}).status, 304);

    auto const bytes = bytes_of(file);
    auto const size = std::to_string(bytes.size());
    auto const range = [&](std::string const& wanted, Fields more = {}) {
        more.emplace_back("Range", wanted);
        return send(who, "GET", address, "", more);
    };
    for (auto const& [wanted, from, count] : std::vector<std::tuple<std::string, std::size_t, std::size_t>>{
             {"bytes=0-9", 0, 10}, {"bytes=100-", 100, bytes.size() - 100}, {"bytes=-7", bytes.size() - 7, 7}, {"bytes=5-99999999", 5, bytes.size() - 5}}) {
        auto const part = range(wanted);
        EXPECT_EQ(part.status, 206) << wanted;
        EXPECT_EQ(text(part), bytes.substr(from, count)) << wanted;
        EXPECT_EQ(header(part, "Content-Range"), fmt::format("bytes {}-{}/{}", from, from + count - 1, size));
    }
    EXPECT_EQ(range("bytes=" + size + "-").status, 416);
    for (auto const* odd : {"bytes=9-2", "bytes=0-1,3-4", "lines=1-2", "bytes=a-b", "bytes="}) EXPECT_EQ(range(odd).status, 200) << odd;
    EXPECT_EQ(range("bytes=0-9", {{"If-Range", "\"another\""}}).status, 200);

    auto const xlsx = folder / "bang.xlsx";
    write(folder / "a.csv", "ten,so\nKeo dua,1\n");
    tool({"ogr2ogr", "-f", "XLSX", xlsx, folder / "a.csv"});
    EXPECT_THAT(header(send(who, "GET", "/api/files/" + stored(who, xlsx)), "Content-Disposition"), testing::StartsWith("attachment;"));
    // Under the store there are contents named by their hash, and nothing came to lie beside it.
    for (auto const& entry : fs::recursive_directory_iterator{store()}) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(entry.path().filename().string(), sha256sum(entry.path().string()));
    }
}

class SmallLimits : public FilesTest {
protected:
    SmallLimits() : FilesTest{{.place = {}, .incoming = {}, .scanner = {}, .picture_bytes = 60'000, .document_bytes = 200'000, .account_bytes = 20'000, .picture_pixels = 400'000}} {}
};

TEST_F(SmallLimits, SizeAndPixelsAndQuotaAreHeldBeforeAnythingIsKept) {
    auto const who = owner_of(producer(0));
    auto const small = picture(folder, "JPEG", 400, 300, 1);
    ASSERT_LT(fs::file_size(small), 20'000U);
    auto const large = picture(folder, "PNG", 700, 500, 7);
    write(large, bytes_of(large) + std::string(60'000, 'x'));
    EXPECT_EQ(upload(who, large).status, 413);
    auto const wide = upload(who, picture(folder, "JPEG", 1000, 401, 3));
    EXPECT_EQ(wide.status, 413);
    EXPECT_THAT(text(wide), HasSubstr("1000 x 401 pixels"));
    // A head that promises 60,000 x 60,000 pixels and holds none.
    auto const bomb = folder / "bomb.png";
    tool({"python3", "-c",
          "import sys,zlib,struct\ndef c(t,d): return struct.pack('>I',len(d))+t+d+struct.pack('>I',zlib.crc32(t+d))\n"
          "open(sys.argv[1],'wb').write(b'\\x89PNG\\r\\n\\x1a\\n'+c(b'IHDR',struct.pack('>IIBBBBB',60000,60000,8,2,0,0,0))+c(b'IDAT',zlib.compress(b'\\0'*100))+c(b'IEND',b''))",
          bomb});
    EXPECT_EQ(upload(who, bomb).status, 413);
    auto const cut = folder / "cut.jpg";
    write(cut, bytes_of(small).substr(0, fs::file_size(small) / 2));
    auto const broken = upload(who, cut);
    EXPECT_EQ(broken.status, 400) << text(broken);
    EXPECT_THAT(text(broken), HasSubstr("the picture is broken"));
    EXPECT_EQ(database.value("SELECT count(*) FROM files.holding"), "0");
    EXPECT_TRUE(fs::is_empty(store() + "/incoming"));

    std::size_t used = 0;
    int taken = 0;
    http::Response last;
    for (int i = 10; i < 40; ++i) {
        auto const file = picture(folder, "PNG", 500, 500, i);
        last = upload(who, file);
        if (last.status != 201) break;
        used += fs::file_size(file);
        ++taken;
    }
    EXPECT_EQ(last.status, 413);
    EXPECT_THAT(text(last), HasSubstr("your files take"));
    EXPECT_LE(used, 20'000U);
    auto const own = read(send(who, "GET", "/api/files?limit=1"));
    EXPECT_EQ(own.at("used_bytes"), used);
    EXPECT_EQ(own.at("items").size(), 1U);
    EXPECT_EQ(own.contains("next"), taken > 1);
}

TEST_F(FilesTest, AnUploadGoesOnWhereItStands) {
    auto const who = owner_of(producer(0)), other = owner_of(producer(1));
    auto const file = picture(folder, "JPEG", 1500, 1200);
    auto const bytes = bytes_of(file);
    Fields const tus{{"Tus-Resumable", "1.0.0"}};
    auto const begin = [&](Person const& person, std::string const& length, Fields more = {}) {
        more.insert(more.end(), {{"Tus-Resumable", "1.0.0"}, {"Upload-Length", length}});
        return send(person, "POST", "/api/files/uploads", "", more);
    };
    auto const options = api.call("OPTIONS", "/api/files/uploads");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(header(options, "Tus-Version"), "1.0.0");
    EXPECT_THAT(header(options, "Tus-Extension"), HasSubstr("creation"));
    EXPECT_EQ(send(who, "POST", "/api/files/uploads", "", {{"Upload-Length", "10"}}).status, 412) << "no version said";
    EXPECT_EQ(begin(who, "-1").status, 400);
    EXPECT_EQ(begin(who, "200000000").status, 413);
    auto const begun = begin(who, std::to_string(bytes.size()), {{"Upload-Metadata", "filename YuG6o25oLmpwZw==,filetype aW1hZ2UvanBlZw=="}});  // "bảnh.jpg", image/jpeg
    ASSERT_EQ(begun.status, 201) << text(begun);
    auto const address = header(begun, "Location");
    EXPECT_EQ(header(begun, "Tus-Resumable"), "1.0.0");
    auto const piece = [&](Person const& person, std::size_t offset, std::string const& part, std::string const& type = "application/offset+octet-stream") {
        return send(person, "PATCH", address, part, {{"Tus-Resumable", "1.0.0"}, {"Upload-Offset", std::to_string(offset)}, {"Content-Type", type}});
    };
    auto const first = piece(who, 0, bytes.substr(0, 1000));
    EXPECT_EQ(first.status, 204) << text(first);
    EXPECT_EQ(header(first, "Upload-Offset"), "1000");
    auto const wrong = piece(who, 500, bytes.substr(500, 1000));
    EXPECT_EQ(wrong.status, 409);
    EXPECT_EQ(header(wrong, "Tus-Resumable"), "1.0.0");
    EXPECT_EQ(piece(who, 1000, "x", "text/plain").status, 415);
    EXPECT_EQ(piece(other, 1000, "x").status, 404);
    EXPECT_EQ(piece(who, 1000, std::string(bytes.size(), 'x')).status, 413) << "more than announced";
    auto const state = send(who, "HEAD", address, "", tus);
    EXPECT_EQ(state.status, 200);
    EXPECT_EQ(header(state, "Upload-Offset"), "1000");
    EXPECT_EQ(header(state, "Upload-Length"), std::to_string(bytes.size()));
    EXPECT_EQ(header(state, "Cache-Control"), "no-store");
    EXPECT_EQ(send(other, "HEAD", address, "", tus).status, 404);
    auto const last = piece(who, 1000, bytes.substr(1000));
    EXPECT_EQ(last.status, 204) << text(last);
    EXPECT_EQ(header(last, "Content-Location"), "/api/files/" + sha256sum(file));
    auto const done = read(send(who, "GET", address, "", tus));
    EXPECT_EQ(done.at("file").at("sha256"), sha256sum(file));
    EXPECT_EQ(done.at("file").at("name"), "bảnh.jpg");
    EXPECT_EQ(text(send(who, "GET", "/api/files/" + sha256sum(file))), bytes);
    EXPECT_EQ(piece(who, bytes.size(), "").status, 409) << "it is complete";

    // What is refused when it is whole ends the upload; so does its owner.
    auto const refused = header(begin(who, "9", {{"Upload-Metadata", "filename YS5qcGc="}}), "Location");
    auto const said = send(who, "PATCH", refused, "not a jpg", {{"Tus-Resumable", "1.0.0"}, {"Upload-Offset", "0"}, {"Content-Type", "application/offset+octet-stream"}});
    EXPECT_EQ(said.status, 415) << text(said);
    EXPECT_EQ(send(who, "HEAD", refused, "", tus).status, 404);
    auto const given_up = header(begin(who, "9"), "Location");
    EXPECT_EQ(send(other, "DELETE", given_up, "", tus).status, 404);
    EXPECT_EQ(send(who, "DELETE", given_up, "", tus).status, 204);
    EXPECT_EQ(send(who, "HEAD", given_up, "", tus).status, 404);
    auto const rests = header(begin(who, "9"), "Location");
    database.execute("UPDATE files.upload SET expires_at = now() - interval '1 s'");
    EXPECT_EQ(send(who, "HEAD", rests, "", tus).status, 404);
    EXPECT_TRUE(fs::is_empty(store() + "/incoming"));
}

TEST_F(FilesTest, TheSameContentFromTwoPeopleAtOnceIsStoredOnce) {
    auto const one = owner_of(producer(0)), two = owner_of(producer(1));
    for (int i = 1; i <= 6; ++i) {
        auto const file = picture(folder, "JPEG", 640, 480, i);
        std::array<int, 2> status{};
        std::thread beside{[&] { status[0] = upload(one, file, "mot.jpg").status; }};
        status[1] = upload(two, file, "hai.jpg").status;
        beside.join();
        EXPECT_EQ(status, (std::array{201, 201}));
        auto const sha256 = sha256sum(file);
        EXPECT_EQ(database.value("SELECT count(*) FROM files.file WHERE sha256 = '" + sha256 + "'"), "1");
        EXPECT_EQ(read(send(one, "GET", "/api/files/" + sha256 + "/facts")).at("name"), "mot.jpg");
        EXPECT_EQ(read(send(two, "GET", "/api/files/" + sha256 + "/facts")).at("name"), "hai.jpg");
        EXPECT_EQ(text(send(two, "GET", "/api/files/" + sha256)), bytes_of(file));
    }
}

TEST_F(FilesTest, EveryFieldOfTypeFileIsWatched) {
    auto const dictionary = programme::dictionary::Dictionary::load(test_support::source_dir() + "/data");
    std::vector<std::vector<std::string>> wanted;
    for (auto const& field : dictionary.fields()) {
        if (field.type != programme::dictionary::FieldType::file) continue;
        wanted.push_back({field.table, field.column});
        bool const is_public = field.visibility == programme::dictionary::Visibility::everybody;
        EXPECT_EQ(database.value("SELECT pg_get_viewdef('pub.file'::regclass) LIKE '%" + field.column + "%'"), is_public ? "t" : "f") << field.column;
    }
    // the record's fields; the procedure's own tables name files beside them
    EXPECT_THAT(database.query("SELECT object, column_name FROM files.field WHERE object NOT LIKE 'workflow.%'"), testing::UnorderedElementsAreArray(wanted));
}

// Which kinds, by hand: a photo is a picture, a label a picture or PDF; evidence is whatever there is.
TEST_F(FilesTest, AFieldTakesTheKindsItIsForAndNamesItself) {
    auto const here = producer(0), product = product_of(here);
    auto const who = owner_of(here);
    auto const pdf = folder / "giay.pdf";
    tool({"gdal_translate", "-q", "-of", "PDF", picture(folder, "PNG", 300, 200, 2), pdf});
    auto const paper = stored(who, pdf), photo = stored(who, picture(folder, "PNG", 640, 480, 1));
    auto const refused = name_in(who, product, {{"photo_file", paper}});
    EXPECT_EQ(refused.status, 400) << text(refused);
    auto const error = read(refused).at("errors").at(0);
    EXPECT_EQ(error.at("field"), "photo_file");
    EXPECT_EQ(error.at("allowed"), "a file of these kinds: jpg, png, webp, heic");
    EXPECT_EQ(name_in(who, product, {{"label_file", paper}}).status, 200);
    EXPECT_EQ(name_in(who, product, {{"photo_file", photo}}).status, 200);
    // The dictionary, which the pages read, and the database say the same.
    auto const dictionary = programme::dictionary::Dictionary::load(test_support::source_dir() + "/data");
    for (auto const& field : dictionary.fields()) {
        if (field.type != programme::dictionary::FieldType::file) continue;
        std::string types;
        for (auto const& type : programme::files::taken_by(field.unit)) types += (types.empty() ? "" : " ") + std::string{type.name};
        EXPECT_EQ(database.value(fmt::format("SELECT coalesce(array_to_string(takes, ' '), '') FROM files.field WHERE object = '{}' AND column_name = '{}'", field.table, field.column)),
                  field.unit.empty() ? "" : types)
            << field.column;
    }
}

TEST_F(FilesTest, WhatNothingNamesGoesAfterSevenDaysAndNothingElse) {
    auto const here = producer(0), product = product_of(here);
    auto const who = owner_of(here);
    auto const ocopmap = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {test_support::cli(), "--database", database.conninfo(), "files"});
        return test_support::run(arguments, {"OCOPMAP_FILES=" + store()});
    };
    adopt_files_of_demo();
    auto const named = stored(who, picture(folder, "JPEG", 640, 480, 1)), replaced = stored(who, picture(folder, "JPEG", 640, 480, 2)),
               loose = stored(who, picture(folder, "JPEG", 640, 480, 3)), fresh = stored(who, picture(folder, "JPEG", 640, 480, 4)),
               evidence = stored(who, picture(folder, "JPEG", 640, 480, 5));
    // The same pixels with other words in the head: its copies are the same contents.
    auto const twin_file = picture(folder, "JPEG", 640, 480, 3);
    tool({"exiftool", "-q", "-overwrite_original", "-Artist=Khac", twin_file});
    auto const twin = stored(who, twin_file);
    ASSERT_NE(twin, loose);
    ASSERT_EQ(name_in(who, product, {{"photo_file", replaced}}).status, 200);
    ASSERT_EQ(name_in(who, product, {{"photo_file", named}}).status, 200);
    auto const dossier = number("SELECT min(dossier_key) FROM ocop.dossier");
    database.execute(fmt::format("INSERT INTO ocop.evidence (dossier_key, evidence_kind, evidence_file) VALUES ({}, 'story', '{}')", dossier, evidence));
    database.execute("UPDATE ocop.evidence SET evidence_file = NULL WHERE evidence_file = '" + evidence + "'");
    database.execute("UPDATE files.file SET created_at = now() - interval '8 days', let_go_at = NULL WHERE sha256 <> '" + fresh + "'; "
                     "UPDATE files.holding SET created_at = now() - interval '8 days' WHERE sha256 <> '" + fresh + "'; "
                     "UPDATE files.file SET let_go_at = now() - interval '6 days' WHERE sha256 = '" + replaced + "'");

    auto const dry = ocopmap({"sweep", "--dry-run"});
    EXPECT_THAT(dry.output, HasSubstr(loose));
    EXPECT_THAT(dry.output, HasSubstr(twin));
    EXPECT_THAT(dry.output, HasSubstr("2 files"));
    EXPECT_EQ(database.value("SELECT count(*) FROM files.file WHERE sha256 IN ('" + loose + "', '" + twin + "')"), "2");
    database.execute("UPDATE files.file SET created_at = now() WHERE sha256 = '" + twin + "'");
    EXPECT_THAT(ocopmap({"sweep"}).output, HasSubstr("1 files"));
    EXPECT_EQ(send(who, "GET", "/api/files/" + loose).status, 404);
    for (auto const& kept : {named, replaced, fresh, evidence, twin}) {
        EXPECT_EQ(send(who, "GET", "/api/files/" + kept).status, 200) << kept;
        EXPECT_EQ(send(who, "GET", "/api/files/" + kept + "/thumb").status, 200) << kept << ": its copies are there";
    }
    auto const good = ocopmap({"check"});
    EXPECT_EQ(good.exit_code, 0) << good.output;
    EXPECT_THAT(good.output, HasSubstr("0 missing, 0 broken; 0 more"));
    EXPECT_FALSE(fs::exists(store() + "/" + loose.substr(0, 2) + "/" + loose.substr(2, 2) + "/" + loose));
    database.execute("UPDATE files.file SET let_go_at = now() - interval '8 days' WHERE sha256 = '" + replaced + "'");
    EXPECT_THAT(ocopmap({"sweep"}).output, HasSubstr(replaced));

    auto const path = [&](std::string const& hash) { return store() + "/" + hash.substr(0, 2) + "/" + hash.substr(2, 2) + "/" + hash; };
    write(path(named), bytes_of(path(named)).replace(100, 1, "?"));
    fs::remove(path(fresh));
    auto const bad = ocopmap({"check"});
    EXPECT_EQ(bad.exit_code, 1);
    EXPECT_THAT(bad.output, HasSubstr(named + " is not what it was"));
    EXPECT_THAT(bad.output, HasSubstr(fresh + " is missing"));
}

/// Speaks clamd's INSTREAM as clamd(8) describes it; finds the name of a virus where the stream holds "VIRUS".
char const* const kClamd = R"python(
import os, socket, struct, sys
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1]); server.listen(8)
while True:
    peer, _ = server.accept()
    stream = peer.makefile('rb')
    assert stream.read(10) == b'zINSTREAM\0'
    body = b''
    while (size := struct.unpack('>I', stream.read(4))[0]): body += stream.read(size)
    peer.sendall(b'stream: Eicar-Test FOUND\0' if b'VIRUS' in body else b'stream: OK\0')
    peer.close()
)python";

class Scanned : public FilesTest {
protected:
    Scanned() : FilesTest{{.place = {}, .incoming = {}, .scanner = (place.path() / "clamd").string()}} {}
    static inline Folder place;
    std::string socket = (place.path() / "clamd").string();
    std::unique_ptr<test_support::Process> clamd() {
        fs::remove(socket);
        auto process = std::make_unique<test_support::Process>(std::vector<std::string>{"python3", "-c", kClamd, socket});
        EXPECT_TRUE(test_support::wait_until([&] { return fs::exists(socket); }, std::chrono::seconds{20}));
        return process;
    }
};

TEST_F(Scanned, WhatIsInfectedIsRefusedAndWhatIsNotScannedYetIsShownToNobodyElse) {
    auto const here = producer(0), product = product_of(here);
    auto const who = owner_of(here);
    auto const province = test_support::sign_in(api, "can.bo.tinh", "R08", "86");
    auto const clean = picture(folder, "JPEG", 640, 480, 1), infected = picture(folder, "JPEG", 640, 480, 2), late = picture(folder, "JPEG", 640, 480, 3),
               bad = picture(folder, "JPEG", 640, 480, 4);
    for (auto const& file : {infected, bad}) write(file, bytes_of(file) + "VIRUS");
    {
        auto const running = clamd();
        EXPECT_EQ(read(upload(who, clean)).at("scan"), "clean");
        auto const refused = upload(who, infected);
        EXPECT_EQ(refused.status, 400);
        EXPECT_THAT(text(refused), HasSubstr("Eicar-Test"));
    }
    EXPECT_EQ(read(upload(who, late)).at("scan"), "waiting");
    EXPECT_EQ(read(upload(who, bad)).at("scan"), "waiting");
    auto const late_hash = sha256sum(late), bad_hash = sha256sum(bad);
    ASSERT_EQ(name_in(who, product, {{"photo_file", late_hash}, {"label_file", bad_hash}}).status, 200);
    EXPECT_EQ(send(who, "GET", "/api/files/" + late_hash).status, 200);
    EXPECT_EQ(send(province, "GET", "/api/files/" + late_hash).status, 404);
    EXPECT_EQ(api.call("GET", "/api/files/" + late_hash + "/public").status, 404);

    auto const running = clamd();
    auto const scanned = test_support::run({test_support::cli(), "--database", database.conninfo(), "files", "scan"}, {"OCOPMAP_FILES=" + store(), "OCOPMAP_CLAMD=" + socket});
    EXPECT_THAT(scanned.output, HasSubstr("2 files scanned"));
    EXPECT_EQ(send(province, "GET", "/api/files/" + late_hash).status, 200);
    EXPECT_EQ(api.call("GET", "/api/files/" + late_hash + "/public").status, 200);
    for (auto const* rest : {"", "/thumb", "/public"}) {
        EXPECT_EQ(send(who, "GET", "/api/files/" + bad_hash + rest).status, 404);
        EXPECT_EQ(send(province, "GET", "/api/files/" + bad_hash + rest).status, 404);
    }
}

TEST(FilesAbsent, WithoutAPlaceNothingIsTaken) {
    test_support::TestDatabase const database{test_support::TestDatabase::From::demo};
    test_support::Api api{database.conninfo()};
    auto const who = test_support::sign_in(api, "can.bo.tinh", "R08", "86");
    EXPECT_EQ(api.call("POST", "/api/files", "x", who.fields).status, 503);
    EXPECT_EQ(api.call("POST", "/api/files", "x").status, 401);
}

}  // namespace
}  // namespace files_test
