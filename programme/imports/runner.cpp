#include "programme/imports/runner.hpp"

#include "gis_core/error.hpp"
#include "gis_core/io/feature_reader.hpp"
#include "gis_core/io/table_file.hpp"
#include "gis_core/json.hpp"
#include "gis_core/log.hpp"
#include "programme/imports/columns.hpp"
#include "programme/imports/sql/statements.hpp"
#include "programme/parameters.hpp"
#include "programme/records/records.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pqxx/pqxx>
#include <pqxx/stream_to>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <tuple>

namespace programme::imports {
namespace {

using dictionary::Field;
using gis_core::Error;
using gis_core::ErrorKind;
using gis_core::db::Session;

constexpr std::size_t kBatch = 2000;         // rows read between two looks at who wants what
constexpr std::int64_t kChunk = 1000;        // rows merged by one statement
constexpr std::size_t kOverlapChunk = 5000;  // zones or plots compared by one statement
constexpr std::size_t kMostRefused = 1000;   // rows the record itself refuses before the merge gives up
constexpr int kMostAttempts = 3;

/// Somebody cancelled; the process ends; the rows are not to be taken.
struct Cancelled {};
struct Stopping {};
struct NothingTaken {};

struct Issue {
    long long line;
    std::string field, value, allowed;
};

pqxx::result execute(pqxx::transaction_base& tx, gis_core::db::Statement const& statement, Parameters const& parameters) {
    return tx.exec_params(statement.text, pqxx::prepare::make_dynamic_params(parameters.values()));
}

std::string brief(std::string text) {
    constexpr std::size_t kMost = 200;
    if (text.size() <= kMost) return text;
    auto end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "…";
}

/// Whether a row is to blame for what the database said, and not the database.
bool is_a_rows_fault(std::string const& state) {
    return state.starts_with("22") || state.starts_with("23") || state.starts_with("P0") || state == "42501" || state == "XX000";
}

}  // namespace

struct Runner::Work {
    std::int64_t key = 0;
    gis_core::db::Actor actor;
    dictionary::Entity const* entity = nullptr;
    Order order;
    std::string phase;
    std::optional<Columns> columns;
    std::map<std::string, std::string> conversions;  // column -> how its text becomes a value
    std::size_t refused = 0;                          // values
};

namespace {

void add_issues(gis_core::db::Pool& pool, std::int64_t key, std::vector<Issue> const& issues) {
    if (issues.empty()) return;
    std::vector<long long> lines;
    std::vector<std::string> fields, values, allowed;
    for (auto const& issue : issues) {
        lines.push_back(issue.line);
        fields.push_back(issue.field);
        values.push_back(brief(issue.value));
        allowed.push_back(issue.allowed);
    }
    Parameters parameters;
    parameters.number(key).numbers(lines).texts(fields).texts(values).texts(allowed);
    pool.write(importer(), [&](pqxx::transaction_base& tx, Session&) { execute(tx, sql::issues_add, parameters); });
}

std::vector<Issue> issues_of(long long line, Error const& error) {
    if (error.fields().empty()) return {{line, "", "", error.what()}};
    std::vector<Issue> out;
    for (auto const& field : error.fields()) out.push_back({line, field.field, field.value, field.allowed});
    return out;
}

/// Inside a handler: what the database refused, in words of the record.
std::vector<Issue> issues_of(long long line, records::Lens const& lens, pqxx::sql_error const& refused) {
    try {
        records::explain(lens);
    } catch (Error const& error) {
        return issues_of(line, error);
    }
    std::string_view said{refused.what()};
    said = said.substr(0, said.find('\n'));
    if (said.starts_with("ERROR:")) said.remove_prefix(said.find_first_not_of(' ', 6));
    return {{line, "", "", std::string{said}}};
}

/// The statement that takes the good rows after line $2 and up to line $3 of job $1; the keys of those that are new or changed come
/// back. A row that stands in the record as it stands in the file is left alone, so that its version stays.
std::string merge_sql(dictionary::Entity const& entity, Columns const& columns, std::map<std::string, std::string> const& conversions,
                      pqxx::result const& shape) {
    std::map<std::string, std::string> defaults;
    std::vector<std::string> arbiter, names, values, sets, differences;
    for (auto const& row : shape) {
        defaults[row[0].as<std::string>()] = row[1].as<std::string>();
        if (row[2].as<bool>()) arbiter.push_back(row[0].as<std::string>());
    }
    for (auto const& column : columns.written()) {
        auto const conversion = conversions.find(column);
        if (conversion == conversions.end()) continue;
        auto value = fmt::format(fmt::runtime(conversion->second), fmt::format("(r.sent->>'{}')", column));
        auto const reference =
            std::find_if(columns.references().begin(), columns.references().end(), [&](auto const& known) { return known.column == column; });
        if (reference != columns.references().end())
            value = fmt::format("coalesce((SELECT p.{0} FROM {1} p WHERE p.external_id = r.sent->>'@{2}'), {3})", reference->entity->key,
                                reference->entity->table, column, value);
        if (!defaults[column].empty()) value = fmt::format("coalesce({}, {})", value, defaults[column]);
        names.push_back(column);
        values.push_back(value);
        if (std::find(arbiter.begin(), arbiter.end(), column) != arbiter.end()) continue;
        auto const* field = entity.find(column);
        if (field != nullptr && dictionary::is_sealed(*field)) {  // left empty, or as it is shown, it stays
            sets.push_back(fmt::format("{0} = coalesce(EXCLUDED.{0}, t.{0})", column));
            differences.push_back(fmt::format("EXCLUDED.{} IS NOT NULL", column));
        } else if (field != nullptr && dictionary::is_shape(*field)) {  // nine decimals, as RFC 7946 texts carry them: a tenth of a millimetre
            sets.push_back(fmt::format("{0} = EXCLUDED.{0}", column));
            differences.push_back(fmt::format("ST_SnapToGrid(t.{0}, 1e-9) IS DISTINCT FROM ST_SnapToGrid(EXCLUDED.{0}, 1e-9)", column));
        } else {
            sets.push_back(fmt::format("{0} = EXCLUDED.{0}", column));
            differences.push_back(fmt::format("t.{0} IS DISTINCT FROM EXCLUDED.{0}", column));
        }
    }
    bool const has_id = std::find(names.begin(), names.end(), "external_id") != names.end();
    auto const otherwise = !has_id        ? std::string{}
                           : sets.empty() ? fmt::format(" ON CONFLICT ({}) DO NOTHING", fmt::join(arbiter, ", "))
                                          : fmt::format(" ON CONFLICT ({}) DO UPDATE SET {} WHERE {}", fmt::join(arbiter, ", "), fmt::join(sets, ", "),
                                                        fmt::join(differences, " OR "));
    return fmt::format("INSERT INTO {} AS t ({}) SELECT {} FROM imports.rows($1::bigint, $2::bigint, $3::bigint) r ORDER BY r.line{} RETURNING t.{}",
                       entity.table, fmt::join(names, ", "), fmt::join(values, ", "), otherwise, entity.key);
}

}  // namespace

bool Runner::run_next() {
    auto const waiting = pool_.write(importer(), [](pqxx::transaction_base& tx, Session&) {
        std::vector<std::int64_t> keys;
        for (auto const& row : tx.exec(sql::jobs_waiting.text)) keys.push_back(row[0].as<std::int64_t>());
        return keys;
    });
    for (auto const key : waiting) {
        if (hold(key, false)) return true;
    }
    return false;
}

void Runner::run(std::int64_t key) { hold(key, true); }

/// Does the job while holding its lock. False: somebody else holds it, or it has ended.
bool Runner::hold(std::int64_t key, bool is_operator) {
    return pool_.run([&](Session& holder) {
        auto const lock = [&](char const* what) {
            pqxx::nontransaction tx{holder.connection()};
            return tx.exec_params(fmt::format("SELECT {}(hashtext('ocopmap import'), $1::integer)", what), key)[0][0].as<bool>();
        };
        if (!lock("pg_try_advisory_lock")) return false;
        struct Release {
            decltype(lock) const& unlock;
            ~Release() {
                try {
                    unlock("pg_advisory_unlock");
                } catch (std::exception const&) {  // the connection is gone, and the lock with it
                }
            }
        } const release{lock};
        Work work;
        work.key = key;
        auto const begun = pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::job_begin.text, key, is_operator); });
        if (begun.empty()) return false;
        auto const& row = begun[0];
        auto const end = [&](char const* state, std::optional<std::string> message) {
            pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
                Parameters parameters;
                parameters.number(key).text(state);
                execute(tx, sql::job_end, message ? parameters.text(*message) : parameters.null());
                tx.exec_params(sql::job_clear.text, key);
            });
            gis_core::log::info("import job={} entity={} state={}{}", key, work.order.entity, state, message ? " " + *message : std::string{});
        };
        work.phase = row["phase"].as<std::string>();
        bool const gives_up = row["attempts"].as<int>() > kMostAttempts;
        if (work.phase == "overlaps" && (gives_up || row["is_left"].as<bool>())) {
            end("done", "the rows are in the record; what they share ground with was not worked out: the process was ended in the middle");
            return true;
        }
        if (row["is_left"].as<bool>() || gives_up) {
            end("failed", row["is_left"].as<bool>() ? "the command that did this import was ended in the middle; nothing was changed"
                                                    : "the server was ended in the middle of this import, more than once; nothing was changed");
            return true;
        }
        auto const number = [&](char const* column) { return row[column].is_null() ? 0LL : row[column].as<long long>(); };
        auto& order = work.order;
        order.account = number("account_key");
        order.grant = number("grant_key");
        order.role = row["role"].as<std::string>();
        order.request = row["request"].as<std::string>();
        order.reason = row["reason"].as<std::string>();
        order.entity = row["entity"].as<std::string>();
        order.file_name = row["file_name"].as<std::string>();
        order.file_format = row["file_format"].as<std::string>();
        order.partial = row["partial"].as<bool>();
        order.epsg = row["epsg"].as<int>();
        order.layer = row["layer"].as<std::string>();
        auto const renamed = gis_core::parse_json(row["renamed"].as<std::string>(), "renamed");
        for (auto const& [from, to] : renamed.items()) order.renamed[from] = to.get<std::string>();
        auto database_role = "ocopmap_r" + order.role.substr(1);
        work.actor = order.account == 0 ? operator_actor(order.reason)
                                        : gis_core::db::Actor{std::move(database_role), order.account, order.grant, order.request, order.reason};
        try {
            perform(work);
            end("done", std::nullopt);
        } catch (Cancelled const&) {
            end("cancelled", std::nullopt);
        } catch (Stopping const&) {
            pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) { tx.exec_params(sql::job_requeue.text, key); });
        } catch (NothingTaken const&) {
            end("failed", "rows of the file are wrong, so none was taken: the report names them");
        } catch (Error const& error) {
            if (error.kind() == ErrorKind::overloaded) throw;  // begun again later
            if (work.phase == "overlaps") {
                end("done", fmt::format("the rows are in the record; what they share ground with could not be worked out: {}", error.what()));
                return true;
            }
            add_issues(pool_, key, error.fields().empty() ? std::vector<Issue>{} : issues_of(0, error));
            end("failed", error.what());
        }
        return true;
    });
}

void Runner::perform(Work& work) {
    work.entity = &dictionary_.entity(work.order.entity);
    if (work.phase != "overlaps") {
        read(work);
        merge(work);
        work.phase = "overlaps";
    }
    find_overlaps(work);
}

void Runner::read(Work& work) {
    gis_core::io::TemporaryFile const file{"rows." + work.order.file_format};
    pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
        tx.exec_params(sql::job_start_over.text, work.key);
        std::ofstream out{file.path(), std::ios::binary};
        for (int part = 0;; ++part) {
            auto const rows = tx.exec_params(sql::job_file.text, work.key, part);
            if (rows.empty() && part == 0)
                throw Error{ErrorKind::conflict, "the database was ended in the middle and lost the file; nothing was changed, send it again"};
            if (rows.empty()) break;
            pqxx::binarystring const bytes{rows[0][0]};
            out.write(bytes.get(), static_cast<std::streamsize>(bytes.size()));
        }
        out.close();
        if (!out) throw Error{ErrorKind::overloaded, "the file could not be written to the disk"};
    });

    gis_core::io::FeatureReader reader{file.path(), {work.order.epsg, work.order.layer}};
    work.columns.emplace(dictionary_, *work.entity, work.order.role, reader.fields(), work.order.renamed, reader.has_geometry());
    auto const& columns = *work.columns;
    {
        Parameters parameters;
        parameters.number(work.key).texts(columns.names()).texts(columns.fields());
        pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) { execute(tx, sql::job_columns, parameters); });
    }
    auto const* place = work.entity->place();
    auto const total = reader.count();
    std::int64_t rows = 0;
    for (bool more = true; more;) {
        std::vector<Issue> issues;
        std::vector<std::tuple<std::int64_t, std::int64_t, std::optional<std::string>, bool, std::optional<std::string>, std::string>> staged;
        while (staged.size() < kBatch) {
            auto feature = reader.next();
            if (!feature) {
                more = false;
                break;
            }
            auto const sent = columns.read(*feature);
            if (sent.is_blank) continue;
            if (++rows > kMostRows) throw Error{ErrorKind::payload_too_large, fmt::format("the file has more than {} rows; send it in parts", kMostRows)};
            auto const line = static_cast<long long>(feature->line);
            auto const before = issues.size();
            if (!feature->geometry_problem.empty() && place != nullptr) issues.push_back({line, place->column, feature->value, feature->geometry_problem});
            std::string text = "{";
            auto const put = [&](std::string_view name, std::string const& value) {
                if (text.size() > 1) text += ',';
                gis_core::append_json_string(text, name);
                text += ':';
                gis_core::append_json_string(text, value);
            };
            try {
                for (auto const& value : records::read_values(*work.entity, sent.body, work.order.role, true, &vault_)) {
                    if (!columns.written().contains(value.column)) continue;
                    work.conversions.emplace(value.column, value.conversion);
                    if (value.text) put(value.column, *value.text);
                }
            } catch (Error const& error) {
                for (auto& issue : issues_of(line, error)) {
                    if (issues.size() == before || issue.field != issues[before].field) issues.push_back(std::move(issue));  // said of the geometry already
                }
            }
            for (auto const& [column, id] : sent.references) {
                put("@" + column, id);
                work.conversions.emplace(column, "{}::bigint");
            }
            text += '}';
            bool const is_good = issues.size() == before;
            staged.emplace_back(work.key, line, sent.external_id.empty() ? std::nullopt : std::optional{sent.external_id}, is_good,
                                is_good ? std::optional{std::move(text)} : std::nullopt, columns.cells(*feature));
        }
        auto const cancelled = pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
            pqxx::stream_to out{tx, "imports.staged", std::vector<std::string>{"job_key", "line", "external_id", "is_good", "sent", "cells"}};
            for (auto const& row : staged) out << row;
            out.complete();
            Parameters parameters;
            parameters.number(work.key).number(total ? std::optional<long long>{*total} : std::nullopt).number(rows);
            return execute(tx, sql::job_read, parameters)[0][0].as<bool>();
        });
        add_issues(pool_, work.key, issues);
        work.refused += issues.size();
        if (cancelled) throw Cancelled{};
        if (is_stopping_()) throw Stopping{};
    }
    if (rows == 0) throw Error{ErrorKind::invalid_argument, "the file holds no rows"};
}

void Runner::merge(Work& work) {
    auto const& entity = *work.entity;
    auto const& columns = *work.columns;
    records::Lens const lens{entity, work.order.role, &vault_};
    auto const refuse = [&](std::vector<Issue> const& issues) {
        add_issues(pool_, work.key, issues);
        work.refused += issues.size();
    };
    auto const go_on = [&](std::int64_t merged) {
        auto const cancelled = pool_.write(
            importer(), [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::job_merging.text, work.key, merged)[0][0].as<bool>(); });
        if (cancelled) throw Cancelled{};
        if (is_stopping_()) throw Stopping{};
    };
    go_on(0);

    std::vector<Issue> issues;
    for (auto const &row : pool_.write(importer(), [&](pqxx::transaction_base&tx, Session&) { return tx.exec_params(sql::find_twice.text, work.key); }))
        issues.push_back({row[0].as<long long>(), "external_id", row[1].as<std::string>(),
                          fmt::format("a code that no other row of the file has; line {} has it", row[2].as<std::string>())});
    refuse(issues);
    for (auto const& reference : columns.references()) {
        issues.clear();
        auto const sql = fmt::format(
            "SELECT r.line, r.sent->>'@{0}' FROM imports.rows($1::bigint, 0, 9223372036854775807) r"
            " WHERE r.sent ? '@{0}' AND NOT EXISTS (SELECT FROM {1} p WHERE p.external_id = r.sent->>'@{0}') ORDER BY r.line",
            reference.column, reference.entity->table);
        for (auto const &row : pool_.write(work.actor, [&](pqxx::transaction_base&tx, Session&) { return tx.exec_params(sql, work.key); }))
            issues.push_back({row[0].as<long long>(), reference.column, row[1].as<std::string>(),
                              fmt::format("the external_id of a row of {} that you may see", reference.entity->id)});
        refuse(issues);
    }

    struct Chunk {
        std::int64_t to, rows;
    };
    std::vector<Chunk> chunks;
    pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
        for (auto const& row : tx.exec_params(sql::chunks.text, work.key, kChunk)) chunks.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>()});
    });
    auto const shape = pool_.read("", work.actor, [&](pqxx::transaction_base& tx, Session&) { return tx.exec_params(sql::table_shape.text, entity.table); });
    if (chunks.empty()) throw NothingTaken{};
    auto const statement = merge_sql(entity, columns, work.conversions, shape);

    issues.clear();
    std::vector<long long> taken;
    std::int64_t merged = 0;
    std::vector<long long> bad_lines;
    try {
        pool_.write(work.actor, [&](pqxx::transaction_base& tx, Session&) {
            // Takes the rows of (after, to]; where one is refused, its half, its quarter, … until it stands alone.
            std::function<void(std::int64_t, std::int64_t)> const take = [&](std::int64_t after, std::int64_t to) {
                try {
                    tx.exec("SAVEPOINT import");
                    auto const keys = tx.exec_params(statement, work.key, after, to);
                    tx.exec("RELEASE SAVEPOINT import");
                    for (auto const& row : keys) taken.push_back(row[0].as<long long>());
                    return;
                } catch (pqxx::broken_connection const&) {
                    throw;
                } catch (pqxx::sql_error const& error) {
                    if (!is_a_rows_fault(gis_core::db::state_of(error))) throw;
                    tx.exec("ROLLBACK TO SAVEPOINT import; RELEASE SAVEPOINT import");
                    if (to - after == 1) {
                        auto const found = issues_of(to, lens, error);
                        issues.insert(issues.end(), found.begin(), found.end());
                        bad_lines.push_back(to);
                        if (bad_lines.size() >= kMostRefused) {
                            issues.push_back(
                                {0, "", "", fmt::format("the record refuses {} rows and more; what follows line {} was not looked at", kMostRefused, to)});
                            throw NothingTaken{};
                        }
                        return;
                    }
                }
                auto const middle = after + (to - after) / 2;
                take(after, middle);
                take(middle, to);
            };
            std::int64_t after = 0;
            for (auto const& chunk : chunks) {
                go_on(merged);
                take(after, chunk.to);
                after = chunk.to;
                merged += chunk.rows;
            }
            bool const is_refused = work.refused + issues.size() > 0;
            if (is_refused && (!work.order.partial || merged == static_cast<std::int64_t>(bad_lines.size()))) throw NothingTaken{};
            bool const is_ground = entity.id == "zones" || entity.id == "plots";
            tx.exec("SELECT set_config('role', 'ocopmap_importer', true)");
            Parameters parameters;
            parameters.number(work.key).number(static_cast<long long>(taken.size()));
            parameters.number(merged - static_cast<std::int64_t>(bad_lines.size() + taken.size())).numbers(is_ground ? taken : std::vector<long long>{});
            if (execute(tx, sql::job_merged, parameters).empty()) throw Cancelled{};
        });
    } catch (NothingTaken const&) {
        refuse(issues);
        throw;
    }
    refuse(issues);
}

void Runner::find_overlaps(Work& work) {
    std::vector<long long> keys;
    pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
        tx.exec_params(sql::overlaps_begin.text, work.key);
        for (auto const& row : tx.exec_params(sql::touched.text, work.key)) keys.push_back(row[0].as<long long>());
    });
    for (std::size_t at = 0; at < keys.size(); at += kOverlapChunk) {
        std::vector<long long> const part(keys.begin() + static_cast<std::ptrdiff_t>(at),
                                          keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), at + kOverlapChunk)));
        pool_.write(importer(), [&](pqxx::transaction_base& tx, Session&) {
            Parameters parameters;
            parameters.number(work.key).numbers(part);
            execute(tx, sql::overlaps_find, parameters);
        });
        if (is_stopping_()) throw Stopping{};
    }
}

}  // namespace programme::imports
