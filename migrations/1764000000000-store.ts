import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Revisions, the versions of resources, and tokens. */
export class Store1764000000000 implements MigrationInterface {
  readonly name = 'Store1764000000000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE "revision" (
        "number" integer NOT NULL,
        "parent" integer,
        "author" text NOT NULL,
        "message" text NOT NULL,
        "source" text NOT NULL,
        "created_at" timestamptz NOT NULL,
        "created" integer NOT NULL,
        "updated" integer NOT NULL,
        "deleted" integer NOT NULL,
        CONSTRAINT "revision_pkey" PRIMARY KEY ("number")
      )`)
    await runner.query(`
      CREATE TABLE "resource_version" (
        "api_group" text NOT NULL,
        "kind" text NOT NULL,
        "namespace" text NOT NULL,
        "name" text NOT NULL,
        "created_revision" integer NOT NULL,
        "deleted_revision" integer,
        "api_version" text NOT NULL,
        "uid" uuid NOT NULL,
        "creation_timestamp" timestamptz NOT NULL,
        "generation" integer NOT NULL,
        "labels" jsonb NOT NULL,
        "annotations" jsonb NOT NULL,
        "spec" jsonb NOT NULL,
        CONSTRAINT "resource_version_pkey" PRIMARY KEY ("api_group", "kind", "namespace", "name", "created_revision")
      )`)
    await runner.query(`
      CREATE UNIQUE INDEX "resource_version_live" ON "resource_version" ("api_group", "kind", "namespace", "name")
      WHERE "deleted_revision" IS NULL`)
    await runner.query(`CREATE INDEX "resource_version_created" ON "resource_version" ("created_revision")`)
    await runner.query(`CREATE INDEX "resource_version_deleted" ON "resource_version" ("deleted_revision")`)
    await runner.query(`
      CREATE TABLE "token" (
        "name" text NOT NULL,
        "type" text NOT NULL,
        "prefix" text NOT NULL,
        "hash" text NOT NULL,
        "namespace" text,
        "labels" jsonb,
        "created_at" timestamptz NOT NULL,
        "expires_at" timestamptz,
        "last_used_at" timestamptz,
        CONSTRAINT "token_pkey" PRIMARY KEY ("name")
      )`)
    await runner.query(`CREATE INDEX "token_prefix" ON "token" ("prefix")`)
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['token', 'resource_version', 'revision']) await runner.query(`DROP TABLE "${table}"`)
  }
}
