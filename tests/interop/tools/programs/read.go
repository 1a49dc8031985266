// Reads jobs with the clients that openapi-generator wrote, and prints a JSON object for each.
//
// A line of the standard input is a service, the address of its server, and the arguments of its operation.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"stock/cce"
	"stock/ges"
	"stock/ief"
	"stock/yuanrong"
)

type values = map[string]any

func main() {
	readers := map[string]func([]string) values{"cce": readCce, "ges": readGes, "ief": readIef, "yuanrong": readYuanrong}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		words := strings.Split(input.Text(), " ")
		text, err := json.Marshal(readers[words[0]](words))
		if err != nil {
			panic(err)
		}
		fmt.Println(string(text))
	}
}

func readCce(words []string) values {
	settings := cce.NewConfiguration()
	settings.Servers = cce.ServerConfigurations{{URL: words[1]}}
	settings.AddDefaultHeader("X-Auth-Token", "x")
	job, response, err := cce.NewAPIClient(settings).JobsAPI.GetJob(context.Background(), words[2], words[3]).Execute()
	if err != nil {
		return failed(response, err)
	}
	children := []any{}
	for _, child := range job.Spec.SubJobs {
		if child.Status == nil {
			children = append(children, nil)
		} else {
			children = append(children, child.Status.Phase)
		}
	}
	return values{
		"id": job.Metadata.Uid, "state": job.Status.Phase, "reason": job.Status.Reason, "type": job.Spec.Type,
		"created": job.Metadata.CreationTimestamp, "children": children,
	}
}

func readGes(words []string) values {
	settings := ges.NewConfiguration()
	settings.Servers = ges.ServerConfigurations{{URL: words[1]}}
	settings.AddDefaultHeader("X-Auth-Token", "x")
	list, response, err := ges.NewAPIClient(settings).JobsAPI.ListJobs(context.Background(), words[2], words[3]).Execute()
	if err != nil {
		return failed(response, err)
	}
	states, types, progress, started := []any{}, []any{}, []any{}, []any{}
	for _, job := range list.Jobs {
		states, types = append(states, job.Status), append(types, job.TaskType)
		progress, started = append(progress, job.Progress), append(started, job.StartTime)
	}
	var file int64 = list.Jobs[2].Files[0].EdgeFiles[0].GetStartTime()
	return values{
		"count": list.JobCount, "states": states, "types": types, "progress": progress, "started": started,
		"reason": list.Jobs[0].FailReason, "file": file,
	}
}

func readIef(words []string) values {
	settings := ief.NewConfiguration()
	settings.Servers = ief.ServerConfigurations{{URL: words[1]}}
	settings.AddDefaultHeader("X-Auth-Token", "x")
	job, response, err := ief.NewAPIClient(settings).JobsAPI.GetBatchJob(context.Background(), words[2], words[3]).Execute()
	if err != nil {
		return failed(response, err)
	}
	tasks := []any{}
	for _, task := range job.Tasks {
		tasks = append(tasks, task.Status)
	}
	var created, updated int64 = job.GetCreatedAt(), job.GetStatusLastUpdatedAt()
	return values{
		"id": job.JobId, "state": job.Status, "type": job.JobType, "created": created, "updated": updated,
		"total": job.TaskTotalCount, "tasks": tasks,
	}
}

func readYuanrong(words []string) values {
	settings := yuanrong.NewConfiguration()
	settings.Servers = yuanrong.ServerConfigurations{{URL: words[1]}}
	job, response, err := yuanrong.NewAPIClient(settings).JobsAPI.GetJob(context.Background(), words[2]).Execute()
	if err != nil {
		return failed(response, err)
	}
	var ttl any
	if text, known := job.Metadata["ttl"]; known {
		ttl = text
	}
	return values{
		"id": job.SubmissionId, "state": job.Status, "type": job.Type, "start": job.StartTime, "end": job.EndTime,
		"exit": job.DriverExitCode, "pid": job.DriverInfo.Pid, "ttl": ttl,
	}
}

// The error of each client has its body.
type withBody interface{ Body() []byte }

func failed(response *http.Response, err error) values {
	if body, known := err.(withBody); known && response != nil && response.StatusCode >= 400 {
		return values{"status": response.StatusCode, "error": string(body.Body())}
	}
	return values{"error": err.Error()}
}
